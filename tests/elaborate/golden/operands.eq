input x[4]
param two.a.weight[4, 4]
param two.a.bias[4]
param two.b.weight[4, 4]
param two.b.bias[4]
param two.c.weight[4, 4, 4]
param two.c.bias[4]
param two.y.linear_1.weight[4, 4]
param two.y.linear_1.bias[4]
param two.y.linear_2.weight[4, 4]
param two.y.linear_2.bias[4]
param h.weight[2, 4]
param h.bias[2]
# forward
two.a.negate[n, i] = -x[n, i]
two.a[n, o] = sum(i < I: two.a.weight[o, i]*two.a.negate[n, i]) + two.a.bias[o]
two.b.negate[n, o] = -two.a[n, o]
two.b[n, o] = sum(i < I: two.b.weight[o, i]*two.b.negate[n, i]) + two.b.bias[o]
two.c.negate_1[n, o] = -two.a[n, o]
two.c.negate_2[n, o] = -two.b[n, o]
two.c[n, o] = sum(i < I, j < J: two.c.negate_1[n, i]*two.c.weight[o, i, j]*two.c.negate_2[n, j]) + two.c.bias[o]
two.y.linear_1[n, o] = sum(i < I: two.y.linear_1.weight[o, i]*x[n, i]) + two.y.linear_1.bias[o]
two.y.negate[n, o] = -two.c[n, o]
two.y.linear_2[n, o] = sum(i < I: two.y.linear_2.weight[o, i]*two.y.negate[n, i]) + two.y.linear_2.bias[o]
y[n, i] = two.y.linear_1[n, i]*two.y.linear_2[n, i]
h.negate[n, i] = -y[n, i]
h[n, o] = sum(i < I: h.weight[o, i]*h.negate[n, i]) + h.bias[o]
L[n] = sum(i < out_features: h[n, i])
L_mean = sum(n < N: L[n])/N
input x[i:4] per sample
value two.a.negate[i:4] per sample
param two.a.weight[o<out_features:4, i<I:4] = uniform(-0.5, 0.5)
param two.a.bias[o<out_features:4] = uniform(-0.5, 0.5)
value two.a[o<out_features:4] per sample
value two.b.negate[o<out_features:4] per sample
param two.b.weight[o<out_features:4, i<I:4] = uniform(-0.5, 0.5)
param two.b.bias[o<out_features:4] = uniform(-0.5, 0.5)
value two.b[o<out_features:4] per sample
value two.c.negate_1[o<out_features:4] per sample
value two.c.negate_2[o<out_features:4] per sample
param two.c.weight[o<out_features:4, i<I:4, j<J:4] = uniform(-0.5, 0.5)
param two.c.bias[o<out_features:4] = uniform(-0.5, 0.5)
value two.c[o<out_features:4] per sample
param two.y.linear_1.weight[o<out_features:4, i<I:4] = uniform(-0.5, 0.5)
param two.y.linear_1.bias[o<out_features:4] = uniform(-0.5, 0.5)
value two.y.linear_1[o<out_features:4] per sample
value two.y.negate[o<out_features:4] per sample
param two.y.linear_2.weight[o<out_features:4, i<I:4] = uniform(-0.5, 0.5)
param two.y.linear_2.bias[o<out_features:4] = uniform(-0.5, 0.5)
value two.y.linear_2[o<out_features:4] per sample
value y[i<I:4] per sample
value h.negate[i<I:4] per sample
param h.weight[o<out_features:2, i<I:4] = uniform(-0.5, 0.5)
param h.bias[o<out_features:2] = uniform(-0.5, 0.5)
value h[o<out_features:2] per sample
value L[] per sample
result L_mean[]
two Two
  two.a Linear
  two.b Linear
  two.c Bilinear
  two.y.linear_1 Linear
  two.y.linear_2 Linear
h Linear
output y
epochs 0 iterations 0 batch 32 shuffle 1 seed 0 clip 0
