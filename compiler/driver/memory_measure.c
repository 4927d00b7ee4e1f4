// memory_measure.c: how much of a model's work block a step really touches: fresh pages of the
// system, of which the kernel says afterwards which it had to fill.
#include "driver/memory_measure.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct Pages {
    unsigned char *at;
    size_t bytes; // whole pages
} Pages;

static bool pages_map(Pages *p, size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    p->bytes = (bytes / page + 1) * page;
    void *at = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p->at = at == MAP_FAILED ? NULL : at;
#ifdef MADV_NOHUGEPAGE
    if (p->at)
        madvise(p->at, p->bytes, MADV_NOHUGEPAGE); // a large page would hide what is untouched
#endif
    return p->at != NULL;
}

// Bytes of the pages that were written or read.
static size_t pages_touched(const Pages *p) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = p->bytes / page, touched = 0;
    unsigned char *state = malloc(count);
    if (state && mincore(p->at, p->bytes, state) == 0)
        for (size_t i = 0; i < count; i++) touched += state[i] & 1 ? page : 0;
    free(state);
    return touched;
}

static double draw(uint64_t *state) { // xorshift64* (Vigna 2016)
    *state ^= *state >> 12, *state ^= *state << 25, *state ^= *state >> 27;
    return (double)((*state * 0x2545F4914F6CDD1Du) >> 11) * 0x1p-53;
}

static void fill(void *block, size_t count, NetType type, uint64_t classes, uint64_t *random) {
    for (size_t i = 0; i < count; i++) {
        double unit = draw(random);
        if (type == NET_I32)
            ((int32_t *)block)[i] = (int32_t)(unit * (double)(classes ? classes : 1));
        else if (type == NET_F32)
            ((float *)block)[i] = (float)(0.1 + 0.2 * unit);
        else
            ((double *)block)[i] = 0.1 + 0.2 * unit;
    }
}

enum { PARAMS, GRADS, STATES, BATCH, WORK, RESULTS, BLOCKS };

static void run_step(const NetModel *m, Pages *block) {
    uint64_t random = 1;
    fill(block[PARAMS].at, m->param_count, m->type, 0, &random);
    fill(block[STATES].at, m->state_count, m->type, 0, &random);
    for (int i = 0; i < m->input_count; i++)
        fill(block[BATCH].at + m->input[i].offset, m->input[i].count * (size_t)m->batch_size,
             m->input[i].type, (uint64_t)m->input[i].classes, &random);
    NetCall call = {block[PARAMS].at,
                    block[GRADS].at,
                    block[STATES].at,
                    block[BATCH].at,
                    block[WORK].at,
                    (double *)(void *)block[RESULTS].at,
                    m->batch_size,
                    1,
                    0,
                    1};
    m->forward(&call);
    m->backward(&call);
    if (m->update) m->update(&call);
    m->evaluate(&call);
}

size_t memory_measure(const NetModel *m) {
    size_t width = m->type == NET_F64 ? 8 : 4, touched = 0;
    const size_t bytes[BLOCKS] = {[PARAMS] = m->param_count * width,
                                  [GRADS] = m->param_count * width,
                                  [STATES] = m->state_count * width,
                                  [BATCH] = m->batch_bytes,
                                  [WORK] = m->work_bytes,
                                  [RESULTS] = (size_t)m->result_count * sizeof(double)};
    Pages block[BLOCKS] = {{0}};
    bool made = m->forward && m->backward && m->evaluate;
    for (int i = 0; i < BLOCKS && made; i++) made = pages_map(&block[i], bytes[i]);
    if (made) run_step(m, block);
    if (made) touched = pages_touched(&block[WORK]);
    for (int i = 0; i < BLOCKS; i++)
        if (block[i].at) munmap(block[i].at, block[i].bytes);
    return touched;
}
