input ids[5]: class(7)
input x[5, 3]
target t: class(3)
target u[5]: class(3)
param table[7, 3]
# forward
z[n, p, d] = table[ids[n, p], d]*x[n, p, d] + (if ids[n, p] == 2 then 1 else 0)
best[n] = argmax(d < 3: z[n, 0, d])
picked[n, p] = z[n, p, u[n, p]]
hit[n] = if best[n] == t[n] and (not ids[n, 0] == ids[n, 1]) then 1 else 0
E[n] = -z[n, 4, t[n]] - sum(p < 5: picked[n, p])
E_mean = sum(n < N: E[n])/N
hits[n] = hit[n]
hits_mean = sum(n < N: hits[n])/N
input ids[p:5] per sample class(7)
input x[p:5, d:3] per sample
target t[] per sample class(3)
target u[p:5] per sample class(3)
param table[i:7, d:3] = normal(0, 1)
value z[p:5, d:3] per sample
value best[] per sample class(3)
value picked[p:5] per sample
value hit[] per sample
value E[] per sample
result E_mean[]
value hits[] per sample
result hits_mean[]
output z
output best
epochs 0 iterations 0 batch 32 shuffle 1 seed 0 clip 0
