input x[3]
target t
param w[3]
param c
state seen
# forward
y[n] = sum(i < 3: w[i]*x[n, i])
centred[n] = y[n] - sum(n2 < N: y[n2])/N
noise[n, i] = x[n, i]*bernoulli(0.5) + uniform01()
E = sum(n < N: (centred[n] - t[n])^2*noise[n, 0] + c)/sum(n2 < N: if 0 < t[n2] then 2 else 1)
# update
seen = seen + N
input x[i:3] per sample
target t[] per sample
param w[i:3] = [0.5, -0.25, 1]
param c[] = 0.5
state seen[] = 0
value y[] per sample
value centred[] per sample
value noise[i:3] per sample
result E[]
output centred
output noise
epochs 0 iterations 0 batch 32 shuffle 1 seed 0 clip 0
