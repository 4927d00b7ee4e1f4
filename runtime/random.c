// random.c: Philox4x32-10 and what is drawn from it.
#include "random.h"

#include <math.h>

static void round_once(uint32_t c[4], const uint32_t k[2]) {
    uint64_t a = (uint64_t)0xD2511F53u * c[0];
    uint64_t b = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t c1 = c[1];
    uint32_t c3 = c[3];
    c[0] = (uint32_t)(b >> 32) ^ c1 ^ k[0];
    c[1] = (uint32_t)b;
    c[2] = (uint32_t)(a >> 32) ^ c3 ^ k[1];
    c[3] = (uint32_t)a;
}

void net_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t k[2] = {key[0], key[1]};
    for (int i = 0; i < 4; i++) out[i] = counter[i];
    for (int i = 0; i < 10; i++) {
        round_once(out, k);
        k[0] += 0x9E3779B9u;
        k[1] += 0xBB67AE85u;
    }
}

RandomStream net_random_stream(uint64_t seed, RandomDomain domain, uint64_t index) {
    RandomStream stream = {
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, (uint32_t)index, (uint32_t)(index >> 32), (uint32_t)domain},
        .used = 4,
    };
    return stream;
}

static uint32_t next_word(RandomStream *stream) {
    if (stream->used == 4) {
        net_philox(stream->counter, stream->key, stream->block);
        stream->counter[0]++;
        stream->used = 0;
    }
    return stream->block[stream->used++];
}

uint64_t net_random_bits(RandomStream *stream) {
    uint64_t low = next_word(stream);
    return low | (uint64_t)next_word(stream) << 32;
}

double net_random_unit(RandomStream *stream) {
    return (double)(net_random_bits(stream) >> 11) * 0x1p-53;
}

double net_random_normal(RandomStream *stream) {
    double radius = sqrt(-2 * log(1 - net_random_unit(stream))); // 1 - u is never 0
    return radius * cos(6.283185307179586 * net_random_unit(stream));
}

uint64_t net_random_below(RandomStream *stream, uint64_t n) {
    uint64_t unfair = (0 - n) % n;
    uint64_t bits;
    do bits = net_random_bits(stream);
    while (bits < unfair);
    return bits % n;
}

void net_random_permutation(uint64_t seed, uint64_t epoch, int64_t *order, int64_t count) {
    RandomStream stream = net_random_stream(seed, RANDOM_SHUFFLE, epoch);
    for (int64_t i = 0; i < count; i++) order[i] = i;
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = (int64_t)net_random_below(&stream, (uint64_t)i + 1);
        int64_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}
