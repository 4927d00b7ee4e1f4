// random.h: counter-based random numbers, so that a draw is a function of its place and nothing has
// to be remembered.
//
// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC
// 2011). A stream is the sequence of blocks philox(counter = {0, 1, 2, ...; index low; index high;
// domain}, key = seed low, seed high).
#ifndef NET_RANDOM_H
#define NET_RANDOM_H

#include <stdint.h>

// What the numbers are for: streams of different domains never meet.
typedef enum RandomDomain { RANDOM_INIT = 0x494e4954, RANDOM_SHUFFLE = 0x53485546 } RandomDomain;

typedef struct RandomStream {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    int used; // words of `block` already given out
} RandomStream;

// One block of Philox4x32-10.
void net_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

// The stream of `index` (a tensor, an epoch) in `domain` under `seed`.
RandomStream net_random_stream(uint64_t seed, RandomDomain domain, uint64_t index);

// The next 64 bits: two words, the first the lower.
uint64_t net_random_bits(RandomStream *stream);

// The next number in [0, 1): the upper 53 of 64 bits, times 2^-53.
double net_random_unit(RandomStream *stream);

// The next number of a normal distribution (Box and Muller's cosine; two units a draw).
double net_random_normal(RandomStream *stream);

// The next integer in [0, n), n > 0, unbiased: draws below 2^64 mod n are taken again.
uint64_t net_random_below(RandomStream *stream, uint64_t n);

// Fills order[0 .. count) with the permutation of `epoch`: Fisher and Yates from the last place
// down.
void net_random_permutation(uint64_t seed, uint64_t epoch, int64_t *order, int64_t count);

#endif
