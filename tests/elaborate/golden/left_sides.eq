input x[6, 4]
input s
param scatter.w[3]
# forward
shuffle[n, c, a + 2*t] = x[n, 2*c + a, t]
reshape[n, a + 8*c] = shuffle[n, c, a]
reflectpad[n, t + 2] = reshape[n, t]
reflectpad[n, t] = reshape[n, 2 - t]
reflectpad[n, t + 26] = reshape[n, 22 - t]
scatter[n, o] = 0
scatter[n, 2*t + r - 1] += reflectpad[n, t]*scatter.w[r] where 1 <= 2*t + r
halves.half[n, i] = scatter[n, 2*i]
halves.half[n, i + 28] = scatter[n, 2*i + 1]
y[n, t] = 2*halves.half[n, t]
E[n] = sum(i < T: y[n, i]*s[n])
E_mean = sum(n < N: E[n])/N
input x[i:6, j:4] per sample
input s[] per sample
value shuffle[c:3, a:8] per sample
value reshape[i:24] per sample
value reflectpad[t:28] per sample
param scatter.w[r:3] = 1
value scatter[o:56] per sample
value halves.half[i:56] per sample
value y[t<T:56] per sample
value E[] per sample
result E_mean[]
shuffle Shuffle
reshape -
reflectpad ReflectPad
scatter Scatter
halves Halves
output y
epochs 0 iterations 0 batch 32 shuffle 1 seed 0 clip 0
