// layout.c: byte offsets in the blocks. A C compiler puts each member at the next multiple of its
// own size, and pads a struct to a multiple of its largest member; so do we. Buffers of one place
// are a union: all begin at the same byte, and what follows begins behind the largest. Emitted C
// asserts that both agree.
#include "loop/loop.h"

static size_t element_bytes(const LoopModule *m, LoopType type) {
    if (type == LOOP_INT) return sizeof(int32_t);
    return type == LOOP_REAL && m->is_f32 ? sizeof(float) : sizeof(double);
}

size_t loop_buffer_count(const LoopBuffer *b) {
    size_t count = 1;
    for (int i = 0; i < b->rank; i++) count *= (size_t)b->shape[i];
    return count;
}

bool loop_buffers_meet(const LoopBuffer *a, const LoopBuffer *b) {
    return a != b && a->place > 0 && a->place == b->place && a->storage == b->storage;
}

static size_t round_up(size_t value, size_t unit) {
    return (value + unit - 1) / unit * unit;
}

// The offset of `b`, or of the end of the block if b is NULL.
static size_t find_offset(const LoopModule *m, LoopStorage storage, const LoopBuffer *b) {
    const LoopBuffer *before = NULL;
    size_t begin = 0, end = 0, largest = 1;
    for (int i = 0; i < m->buffer.count; i++) {
        const LoopBuffer *at = m->buffer.item[i];
        if (at->storage != storage) continue;
        size_t unit = element_bytes(m, at->type);
        if (!before || !loop_buffers_meet(before, at)) begin = round_up(end, unit);
        if (at == b) return begin;
        if (unit > largest) largest = unit;
        size_t behind = begin + unit * loop_buffer_count(at);
        if (behind > end) end = behind;
        before = at;
    }
    return round_up(end, largest);
}

size_t loop_block_bytes(const LoopModule *m, LoopStorage storage) {
    return find_offset(m, storage, NULL);
}

size_t loop_buffer_offset(const LoopModule *m, const LoopBuffer *b) {
    return find_offset(m, b->storage, b);
}
