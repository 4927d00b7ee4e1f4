input x[3]
input n
target t: class(4)
param linear.weight[4, 3]
param linear.bias[4]
# forward
y[n, o] = sum(i < I: linear.weight[o, i]*x[n, i]) + linear.bias[o]
crossentropyloss.m[n] = stop(max(k < K: y[n, k]))
crossentropyloss.total[n] = crossentropyloss.m[n] + log(sum(k < K: exp(y[n, k] - crossentropyloss.m[n])))
crossentropyloss.item[n] = crossentropyloss.total[n] - y[n, t[n]]
loss[n] = crossentropyloss.item[n]
loss_mean = sum(n < N: loss[n])/N
input x[i<WIDTH:3] per sample
input n[] per sample
target t[] per sample class(4)
param linear.weight[o<out_features:4, i<I:3] = uniform(-0.577350269, 0.577350269)
param linear.bias[o<out_features:4] = uniform(-0.577350269, 0.577350269)
value y[o<out_features:4] per sample
value crossentropyloss.m[] per sample
value crossentropyloss.total[] per sample
value crossentropyloss.item[] per sample
value loss[] per sample
result loss_mean[]
linear Linear
output y
epochs 3 iterations 0 batch 6 shuffle 0 seed 9 clip 1.5
optimizer SGD lr=0.125 momentum=0.5 nesterov=1
scheduler MultiStepLR milestones=2,4 gamma=0.5
train a.csv
test sub/b.csv
normalize 1 2
columns x a b c
columns n n
columns t label
sweep lr 0.1=0.1 1/4=0.25
sweep seed 1=1 2=2 3=3
