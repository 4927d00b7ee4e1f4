input x[8]
target t[8]
param double.a.weight[8, 8]
param double.a.bias[8]
param double.b.linear.weight[8, 8]
param double.y.layernorm.weight[8]
param double.y.layernorm.bias[8]
param linear.weight[8, 8]
param linear.bias[8]
# forward
double.a[n, o] = sum(i < I: double.a.weight[o, i]*x[n, i]) + double.a.bias[o]
double.b.add[n, i] = x[n, i] + double.a[n, i]
double.b.linear[n, o] = sum(i < I: double.b.linear.weight[o, i]*double.b.add[n, i])
double.b.relu[n, o] = max(double.b.linear[n, o], 0)
double.y.dropout.mask[n, o] = bernoulli(0.75)
double.y.dropout[n, o] = 1.3333333333333333*double.y.dropout.mask[n, o]*double.a[n, o]
double.y.add[n, o] = double.y.dropout[n, o] + 0.5*double.b.relu[n, o]
double.y.layernorm.mean[n] = 0.125*sum(i < I: double.y.add[n, i])
double.y.layernorm.var[n] = 0.125*sum(i < I: (double.y.add[n, i] - double.y.layernorm.mean[n])^2)
double[n, i] = (double.y.add[n, i] - double.y.layernorm.mean[n])*double.y.layernorm.weight[i]/sqrt(double.y.layernorm.var[n] + 1e-05) + double.y.layernorm.bias[i]
y[n, o] = sum(i < I: linear.weight[o, i]*double[n, i]) + linear.bias[o]
h[n, i] = double[n, i]
k[n, i] = tanh(h[n, i])
r.relu[n, o] = max(y[n, o], 0)
r[n, i] = 0.5*k[n, i] + r.relu[n, i]
loss[n] = 0.125*sum(i < I: (r[n, i] - t[n, i])^2)
loss_mean = sum(n < N: loss[n])/N
mae[n] = 0.125*sum(i < I: abs(r[n, i] - t[n, i]))
mae_mean = sum(n < N: mae[n])/N
L1Loss[n] = 0.125*sum(o < out_features: abs(y[n, o] - t[n, o]))
L1Loss_mean = sum(n < N: L1Loss[n])/N
input x[i<WIDTH:8] per sample
target t[i<WIDTH:8] per sample
param double.a.weight[o<out_features:8, i<I:8] = uniform(-0.353553391, 0.353553391)
param double.a.bias[o<out_features:8] = uniform(-0.353553391, 0.353553391)
value double.a[o<out_features:8] per sample
value double.b.add[i<WIDTH:8] per sample
param double.b.linear.weight[o<out_features:8, i<I:8] = uniform(-0.353553391, 0.353553391)
value double.b.linear[o<out_features:8] per sample
value double.b.relu[o<out_features:8] per sample
value double.y.dropout.mask[o<out_features:8] per sample
value double.y.dropout[o<out_features:8] per sample
value double.y.add[o<out_features:8] per sample
param double.y.layernorm.weight[i<I:8] = 1
param double.y.layernorm.bias[i<I:8] = 0
value double.y.layernorm.mean[] per sample
value double.y.layernorm.var[] per sample
value double[i<I:8] per sample
param linear.weight[o<out_features:8, i<I:8] = uniform(-0.353553391, 0.353553391)
param linear.bias[o<out_features:8] = uniform(-0.353553391, 0.353553391)
value y[o<out_features:8] per sample
value h[i<I:8] per sample
value k[i<I:8] per sample
value r.relu[o<out_features:8] per sample
value r[i<I:8] per sample
value loss[] per sample
result loss_mean[]
value mae[] per sample
result mae_mean[]
value L1Loss[] per sample
result L1Loss_mean[]
double Double
  double.a Linear
  double.b.linear Linear
  double.b.relu ReLU
  double.y.dropout Dropout
  double.y.layernorm LayerNorm
linear Linear
k Tanh
r.relu ReLU
output h
output y
epochs 0 iterations 0 batch 32 shuffle 1 seed 0 clip 0
