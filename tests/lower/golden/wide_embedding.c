// wide_embedding.c: the functions of the model.
#include "wide_embedding.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(wide_embedding_params) == 1440, "layout of wide_embedding_params");
_Static_assert(sizeof(wide_embedding_batch) == 640, "layout of wide_embedding_batch");
_Static_assert(sizeof(wide_embedding_work) == 76800, "layout of wide_embedding_work");
_Static_assert(sizeof(wide_embedding_results) == 8, "layout of wide_embedding_results");

// The values of a batch, as in training, and its results.
void wide_embedding_forward(const wide_embedding_params *params, const wide_embedding_batch *batch,
                            wide_embedding_work *work, wide_embedding_results *results, int N) {
    const float (*restrict embedding_weight)[60] = params->embedding_weight;
    const int32_t (*restrict ids)[40] = batch->ids;
    float (*restrict embedding)[40][60] = work->embedding;

    // --- embedding ---
    {
        enum { T = 40, D = 60 };
        // embedding[n, t, d] = weight[ids[n, t], d]
        for (int n = 0; n < N; n++)
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    embedding[n][t][d] = embedding_weight[ids[n][t]][d];
    }

    // --- loss ---
    {
        enum { T = 40, D = 60 };
        // loss = sum(n < N: sum(t < T, d < D: embedding[n, t, d]^2))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    sum2 += embedding[n][t][d]*embedding[n][t][d];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void wide_embedding_backward(wide_embedding_params *grads, const wide_embedding_batch *batch,
                             wide_embedding_work *work, int N) {
    const int32_t (*restrict ids)[40] = batch->ids;
    float (*restrict embedding)[40][60] = work->embedding;
    float (*restrict d_embedding_weight)[60] = grads->embedding_weight;
    float (*restrict d_embedding)[40][60] = work->d_embedding;

    // --- embedding ---
    {
        enum { T = 40, D = 60, V = 6 };
        // d_embedding[n, t, d] = 2*embedding[n, t, d]/N
        for (int n = 0; n < N; n++)
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    d_embedding[n][t][d] = 2.0f*embedding[n][t][d]/(float)N;

        // d_weight[v, d] = 0
        for (int v = 0; v < V; v++)
            for (int d = 0; d < D; d++)
                d_embedding_weight[v][d] = 0.0f;

        // d_weight[ids[n, t], d] += d_embedding[n, t, d]
        for (int n = 0; n < N; n++)
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    d_embedding_weight[ids[n][t]][d] += d_embedding[n][t][d];
    }
}

// The values of a batch, as in evaluation, and its results.
void wide_embedding_evaluate(const wide_embedding_params *params, const wide_embedding_batch *batch,
                             wide_embedding_work *work, wide_embedding_results *results, int N) {
    const float (*restrict embedding_weight)[60] = params->embedding_weight;
    const int32_t (*restrict ids)[40] = batch->ids;
    float (*restrict embedding)[40][60] = work->embedding;

    // --- embedding ---
    {
        enum { T = 40, D = 60 };
        // embedding[n, t, d] = weight[ids[n, t], d]
        for (int n = 0; n < N; n++)
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    embedding[n][t][d] = embedding_weight[ids[n][t]][d];
    }

    // --- loss ---
    {
        enum { T = 40, D = 60 };
        // loss = sum(n < N: sum(t < T, d < D: embedding[n, t, d]^2))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    sum2 += embedding[n][t][d]*embedding[n][t][d];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}
