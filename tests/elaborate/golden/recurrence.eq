input x[6, 3]
param reverse.wx[4, 3]
param reverse.wh[4, 4]
param cyclic.w[2, 2]
# forward
fib[n, t, i] = x[n, t, i] + (if 1 <= t then 0.5*fib[n, t - 1, i]*(if 2 <= t then fib[n, t - 2, i] else 1) else 0)
reverse[n, t, j] = tanh(sum(i < I: reverse.wx[j, i]*fib[n, t, i]) + (if t <= 4 then sum(k < H: reverse.wh[j, k]*reverse[n, t + 1, k]) else 0))
cyclic.g[n, t, j] = sigmoid(cyclic.b[n, t, j])
y[n, t, j] = if 1 <= t then cyclic.g[n, t, j]*y[n, t - 1, j] else 0
cyclic.b[n, t, j] = (if 1 <= t then sum(k < H: cyclic.w[j, k]*y[n, t - 1, k]) else 0) + reverse[n, t, 0]
E[n] = sum(t < T, j < H: y[n, t, j]^2)
E_mean = sum(n < N: E[n])/N
input x[i:6, j:3] per sample
value fib[t<T:6, i<I:3] per sample
param reverse.wx[j<H:4, i<I:3] = uniform(-0.577350269, 0.577350269)
param reverse.wh[j<H:4, k<H:4] = normal(0, 0.5)
value reverse[t<T:6, j<H:4] per sample
param cyclic.w[j<H:2, k<H:2] = normal(0, 0.1)
value cyclic.b[t<T:6, j<H:2] per sample
value cyclic.g[t<T:6, j<H:2] per sample
value y[t<T:6, j<H:2] per sample
value E[] per sample
result E_mean[]
fib Fib
reverse Reverse
cyclic Cyclic
output y
epochs 0 iterations 0 batch 32 shuffle 1 seed 0 clip 0
