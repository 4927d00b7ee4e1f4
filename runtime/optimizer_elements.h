// optimizer_elements.h: the updates for one element type; included by optimizer.c once with REAL =
// float, once double.
//
// The formulas are torch.optim's: add(x, alpha=a) is + a*x, addcmul(x, y, value=v) is + v*x*y,
// addcdiv is + v*x/y.

static void ELEMENTS(sgd)(const Optimizer *o, REAL *w, const REAL *g) {
    const REAL decay = (REAL)o->weight_decay;
    const REAL momentum = (REAL)o->momentum;
    const REAL undamped = (REAL)(1 - o->dampening);
    const REAL rate = (REAL)-o->lr;
    REAL *buffer = o->momentum != 0 ? o->moment[0] : NULL;
    for (size_t i = 0; i < o->count; i++) {
        REAL d = g[i];
        if (decay != 0) d = d + decay * w[i];
        if (buffer) {
            buffer[i] = o->started ? buffer[i] * momentum + undamped * d : d;
            d = o->nesterov ? d + momentum * buffer[i] : buffer[i];
        }
        w[i] = w[i] + rate * d;
    }
}

static void ELEMENTS(adam)(const Optimizer *o, REAL *w, const REAL *g) {
    const double correction = 1 - pow(o->momentum, (double)o->step);
    const REAL root = (REAL)sqrt(1 - pow(o->beta2, (double)o->step));
    const REAL rate = (REAL) - (o->lr / correction);
    const REAL beta1 = (REAL)o->momentum;
    const REAL beta2 = (REAL)o->beta2;
    const REAL rest1 = (REAL)(1 - o->momentum);
    const REAL rest2 = (REAL)(1 - o->beta2);
    const REAL decay = o->kind == OPTIMIZER_Adam ? (REAL)o->weight_decay : 0;
    const REAL shrink = o->kind == OPTIMIZER_AdamW ? (REAL)(1 - o->lr * o->weight_decay) : 1;
    const REAL eps = (REAL)o->eps;
    REAL *mean = o->moment[0];
    REAL *square = o->moment[1];
    REAL *most = o->moment[2];
    for (size_t i = 0; i < o->count; i++) {
        REAL d = g[i];
        if (decay != 0) d = d + decay * w[i];
        w[i] = w[i] * shrink;
        mean[i] = mean[i] * beta1 + rest1 * d;
        square[i] = square[i] * beta2 + rest2 * d * d;
        REAL second = square[i];
        if (o->amsgrad) {
            most[i] = most[i] > second ? most[i] : second;
            second = most[i];
        }
        w[i] = w[i] + rate * mean[i] / (ROOT(second) / root + eps);
    }
}

static void ELEMENTS(rmsprop)(const Optimizer *o, REAL *w, const REAL *g) {
    const REAL decay = (REAL)o->weight_decay;
    const REAL alpha = (REAL)o->alpha;
    const REAL rest = (REAL)(1 - o->alpha);
    const REAL eps = (REAL)o->eps;
    const REAL momentum = (REAL)o->momentum;
    const REAL rate = (REAL)-o->lr;
    REAL *square = o->moment[0];
    REAL *mean = o->centered ? o->moment[1] : NULL;
    REAL *buffer = o->momentum > 0 ? o->moment[o->centered ? 2 : 1] : NULL;
    for (size_t i = 0; i < o->count; i++) {
        REAL d = g[i];
        if (decay != 0) d = d + decay * w[i];
        square[i] = square[i] * alpha + rest * d * d;
        REAL variance = square[i];
        if (mean) {
            mean[i] = mean[i] * alpha + rest * d;
            variance = variance - mean[i] * mean[i];
        }
        REAL scale = ROOT(variance) + eps;
        if (buffer) {
            buffer[i] = buffer[i] * momentum + d / scale;
            w[i] = w[i] + rate * buffer[i];
        } else {
            w[i] = w[i] + rate * d / scale;
        }
    }
}

static void ELEMENTS(adagrad)(const Optimizer *o, REAL *w, const REAL *g) {
    const REAL decay = (REAL)o->weight_decay;
    const REAL eps = (REAL)o->eps;
    const REAL rate = (REAL) - (o->lr / (1 + (double)(o->step - 1) * o->lr_decay));
    REAL *sum = o->moment[0];
    for (size_t i = 0; i < o->count; i++) {
        REAL d = g[i];
        if (decay != 0) d = d + decay * w[i];
        sum[i] = sum[i] + d * d;
        w[i] = w[i] + rate * d / (ROOT(sum[i]) + eps);
    }
}

static void ELEMENTS(fill)(REAL *values, size_t count, double value) {
    for (size_t i = 0; i < count; i++) values[i] = (REAL)value;
}

static void ELEMENTS(scale)(REAL *values, size_t count, double factor) {
    const REAL by = (REAL)factor;
    for (size_t i = 0; i < count; i++) values[i] = values[i] * by;
}

// The 2-norm of a tensor, summed in double in order, rounded to the element type as PyTorch's is.
static double ELEMENTS(norm)(const REAL *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)values[i] * (double)values[i];
    return (double)(REAL)sqrt(sum);
}

static size_t ELEMENTS(nonfinite)(const REAL *values, size_t count) {
    enum { CHUNK = 512 }; // whole chunks are tested without branches
    for (size_t start = 0; start < count; start += CHUNK) {
        size_t end = count - start < CHUNK ? count : start + CHUNK;
        int wrong = 0;
        for (size_t i = start; i < end; i++) wrong |= !(FABS(values[i]) <= LARGEST);
        for (size_t i = start; wrong && i < end; i++)
            if (!isfinite(values[i])) return i;
    }
    return count;
}

static void ELEMENTS(step)(const Optimizer *o, REAL *w, const REAL *g) {
    switch (o->kind) {
    case OPTIMIZER_SGD: ELEMENTS(sgd)(o, w, g); break;
    case OPTIMIZER_Adam:
    case OPTIMIZER_AdamW: ELEMENTS(adam)(o, w, g); break;
    case OPTIMIZER_RMSprop: ELEMENTS(rmsprop)(o, w, g); break;
    case OPTIMIZER_Adagrad: ELEMENTS(adagrad)(o, w, g); break;
    }
}
