// embedding.c: the functions of the model.
#include "embedding.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(embedding_params) == 72, "layout of embedding_params");
_Static_assert(sizeof(embedding_batch) == 48, "layout of embedding_batch");
_Static_assert(sizeof(embedding_work) == 288, "layout of embedding_work");
_Static_assert(sizeof(embedding_results) == 8, "layout of embedding_results");

// The values of a batch, as in training, and its results.
void embedding_forward(const embedding_params *params, const embedding_batch *batch,
                       embedding_work *work, embedding_results *results, int N) {
    const float (*restrict embedding_weight)[3] = params->embedding_weight;
    const int32_t (*restrict ids)[4] = batch->ids;
    float (*restrict embedding_2)[4][3] = work->embedding_2;

    // --- embedding ---
    {
        enum { T = 4, D = 3 };
        // embedding[n, t, d] = weight[ids[n, t], d]
        for (int n = 0; n < N; n++)
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    embedding_2[n][t][d] = embedding_weight[ids[n][t]][d];
    }

    // --- loss ---
    {
        enum { T = 4, D = 3 };
        // loss = sum(n < N: sum(t < T, d < D: embedding[n, t, d]^2))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    sum2 += embedding_2[n][t][d]*embedding_2[n][t][d];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}

// The gradient of the loss with respect to every parameter; after forward.
void embedding_backward(embedding_params *grads, const embedding_batch *batch, embedding_work *work,
                        int N) {
    const int32_t (*restrict ids)[4] = batch->ids;
    float (*restrict embedding_2)[4][3] = work->embedding_2;
    float (*restrict d_embedding_weight)[3] = grads->embedding_weight;
    float (*restrict d_embedding)[4][3] = work->d_embedding;

    // --- embedding ---
    {
        enum { T = 4, D = 3, V = 6 };
        // d_embedding[n, t, d] = 2*embedding[n, t, d]/N
        for (int n = 0; n < N; n++)
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    d_embedding[n][t][d] = 2.0f*embedding_2[n][t][d]/(float)N;

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
void embedding_evaluate(const embedding_params *params, const embedding_batch *batch,
                        embedding_work *work, embedding_results *results, int N) {
    const float (*restrict embedding_weight)[3] = params->embedding_weight;
    const int32_t (*restrict ids)[4] = batch->ids;
    float (*restrict embedding_2)[4][3] = work->embedding_2;

    // --- embedding ---
    {
        enum { T = 4, D = 3 };
        // embedding[n, t, d] = weight[ids[n, t], d]
        for (int n = 0; n < N; n++)
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    embedding_2[n][t][d] = embedding_weight[ids[n][t]][d];
    }

    // --- loss ---
    {
        enum { T = 4, D = 3 };
        // loss = sum(n < N: sum(t < T, d < D: embedding[n, t, d]^2))/N
        double sum = 0.0;
        for (int n = 0; n < N; n++) {
            float sum2 = 0.0f;
            for (int t = 0; t < T; t++)
                for (int d = 0; d < D; d++)
                    sum2 += embedding_2[n][t][d]*embedding_2[n][t][d];
            sum += (double)sum2;
        }
        results->loss = sum/(double)N;
    }
}
