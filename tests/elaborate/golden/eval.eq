input x[4, 5, 5]
target t: class(3)
param batchnorm2d.weight[4]
param batchnorm2d.bias[4]
state batchnorm2d.running_mean[4]
state batchnorm2d.running_var[4]
param linear.weight[3, 100]
param linear.bias[3]
# evaluation
batchnorm2d.mean[c] = batchnorm2d.running_mean[c]
batchnorm2d.var[c] = batchnorm2d.running_var[c]
batchnorm2d[n, c, h, w] = (x[n, c, h, w] - batchnorm2d.mean[c])*batchnorm2d.weight[c]/sqrt(batchnorm2d.var[c] + 1e-05) + batchnorm2d.bias[c]
dropout[n, c, h, w] = batchnorm2d[n, c, h, w]
flatten[n, w + 5*h + 25*c] = dropout[n, c, h, w]
y[n, o] = sum(i < I: linear.weight[o, i]*flatten[n, i]) + linear.bias[o]
crossentropyloss.m[n] = stop(max(k < K: y[n, k]))
crossentropyloss.total[n] = crossentropyloss.m[n] + log(sum(k < K: exp(y[n, k] - crossentropyloss.m[n])))
crossentropyloss.item[n] = crossentropyloss.total[n] - y[n, t[n]]
loss[n] = crossentropyloss.item[n]
loss_mean = sum(n < N: loss[n])/N
top_k[n] = if sum(j < K: if y[n, t[n]] < y[n, j] then 1 else 0) < 2 then 1 else 0
top_k_mean = sum(n < N: top_k[n])/N
accuracy[n] = if argmax(k < K: y[n, k]) == t[n] then 1 else 0
accuracy_mean = sum(n < N: accuracy[n])/N
input x[c:4, h:5, w:5] per sample
target t[] per sample class(3)
param batchnorm2d.weight[c<C:4] = 1
param batchnorm2d.bias[c<C:4] = 0
state batchnorm2d.running_mean[c<C:4] = 0
state batchnorm2d.running_var[c<C:4] = 1
value batchnorm2d.mean[c<C:4]
value batchnorm2d.var[c<C:4]
value batchnorm2d[c<C:4, h<H:5, w<W:5] per sample
value dropout[c<C:4, h<H:5, w<W:5] per sample
value flatten[i<REST:100] per sample
param linear.weight[o<out_features:3, i<I:100] = uniform(-0.1, 0.1)
param linear.bias[o<out_features:3] = uniform(-0.1, 0.1)
value y[o<out_features:3] per sample
value crossentropyloss.m[] per sample
value crossentropyloss.total[] per sample
value crossentropyloss.item[] per sample
value loss[] per sample
result loss_mean[]
value top_k[] per sample
result top_k_mean[]
value accuracy[] per sample
result accuracy_mean[]
batchnorm2d BatchNorm2d
dropout Dropout
flatten Flatten
linear Linear
output y
epochs 0 iterations 0 batch 32 shuffle 1 seed 0 clip 0
