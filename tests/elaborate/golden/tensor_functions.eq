input x[4, 6]
param out.weight[2, 48]
param out.bias[2]
# forward
reshape_1_flat[n, j + 6*i] = x[n, i, j]
reshape_1[n, i, j] = reshape_1_flat[n, j + 8*i]
transpose[n, j, i] = x[n, i, j]
slice[n, i, j] = x[n, i + 1, j]
split[n, i, j] = x[n, i, j + 4]
add_1[n, i, j] = reshape_1[n, i, j] + 1
stack[n, i, 0, j] = reshape_1[n, i, j]
stack[n, i, 1, j] = add_1[n, i, j]
reshape_2_flat[n, i + 4*j] = transpose[n, j, i]
reshape_2[n, i, j] = reshape_2_flat[n, j + 6*i]
reshape_3[n, i, h, w] = x[n, i, w + 2*h]
reshape_4_flat[n, j + 6*i] = slice[n, i, j]
reshape_4[n, i, j] = reshape_4_flat[n, j + 4*i]
reshape_5[n, 0, j + 2*i] = split[n, i, j]
join.b[n, i, j] = tanh(x[n, i, j])
join[n, i, j] = x[n, i, j]
join[n, i, j + 6] = join.b[n, i, j]
flat[n, j + 12*i] = join[n, i, j]
out[n, o] = sum(i < I: out.weight[o, i]*flat[n, i]) + out.bias[o]
y[n, o] = 2*out[n, o] + sum(k < 6: reshape_2[n, 0, k]) - slice[n, 0, 0] + reshape_4[n, 0, 0]*reshape_5[n, 0, 0] + stack[n, 0, 0, 0] + reshape_3[n, 0, 0, 0]
E[n] = y[n, 0]*y[n, 1]
E_mean = sum(n < N: E[n])/N
input x[i:4, j:6] per sample
value reshape_1_flat[k:24] per sample
value reshape_1[i:3, j:8] per sample
value transpose[j:6, i:4] per sample
value slice[i:2, j:6] per sample
value split[i:4, j:2] per sample
value add_1[i:3, j:8] per sample
value stack[i:3, k:2, j:8] per sample
value reshape_2_flat[k:24] per sample
value reshape_2[i:4, j:6] per sample
value reshape_3[c:4, h:3, w:2] per sample
value reshape_4_flat[k:12] per sample
value reshape_4[i:3, j:4] per sample
value reshape_5[i:1, j:8] per sample
value join.b[i:4, j:6] per sample
value join[i:4, j:12] per sample
value flat[i:48] per sample
param out.weight[o<out_features:2, i<I:48] = uniform(-0.144337567, 0.144337567)
param out.bias[o<out_features:2] = uniform(-0.144337567, 0.144337567)
value out[o<out_features:2] per sample
value y[o<out_features:2] per sample
value E[] per sample
result E_mean[]
reshape_1 -
transpose -
slice -
split -
add_1 -
stack -
reshape_2 -
reshape_3 -
reshape_4 -
reshape_5 -
join Join
  join.b Tanh
flat -
out Linear
add_2 -
output y
epochs 0 iterations 0 batch 32 shuffle 1 seed 0 clip 0
