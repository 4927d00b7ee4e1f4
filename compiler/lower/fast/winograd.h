// winograd.h: contractions with a window of 3x3 in tiles, with fewer multiplications.
//
//   Y = A^T [ (G W G^T) * (B^T X B) ] A      (Lavin, Gray: Fast algorithms for convolutional neural
//   networks, 2015)
//
// for a tile of m x m elements of Y and the (m+2) x (m+2) elements of X that it reads; * multiplies
// element by element, and is summed over channels: (m+2)^2 small matrix products take the place of
// the window. Of a sum over the elements of Y, as in the gradient of W, the adjoint of the same
// identity makes
//
//   dW = G^T [ sum(tiles: (A dY A^T) * (B^T X B)) ] G,
//
// whose last step is taken once a chunk of samples.
#ifndef NETC_LOWER_FAST_WINOGRAD_H
#define NETC_LOWER_FAST_WINOGRAD_H

#include "lower/fast/fast.h"

enum {
    WINOGRAD_SIDE = 6,   // elements of X along the side of the largest tile
    WINOGRAD_BUFFERS = 7 // at most
};

// A linear map of up to six numbers to up to six.
typedef struct Matrix {
    int rows, columns;
    double at[WINOGRAD_SIDE][WINOGRAD_SIDE];
} Matrix;

// An operand of which each tile takes a patch; it lies with a lane of its own innermost.
typedef struct Patch {
    const Expr *read;
    const Index
        *across[2]; // the indices that walk over it, with the window of X at 0: the subscripts are
    int axis[2];    // across[i] + low[i]
    int64_t low[2];
    int step;          // from tile to tile
    const Matrix *map; // along both sides
    const Index *lane;
    LoopBuffer *row, *all; // scratch: [chunk, side, column, lane], [chunk, side*side, tile, lane]
} Patch;

typedef struct Winograd {
    int m; // elements of Y along the side of a tile: 2 or 4
    int64_t tiles[2];
    bool is_sum;            // the gradient of W
    Patch x, y;             // y: of a sum
    const Expr *weight;     // of X's contraction: the read with the lane innermost
    const Index *window[2]; // of the weight; or of the result of a sum
    bool flip[2];           // the window runs backwards over X
    const Index *channel;   // of X
    const Index *lane;
    const Item *item;
    const Index *chunk;  // NULL: there are no chunks
    LoopBuffer *weights; // [side*side, channel, lane]
    LoopBuffer
        *product; // [chunk, side*side, tile, lane]; of a sum: [chunk, side*side, channel, lane]
    LoopBuffer *strip; // [chunk, side, side, lane]: between the two passes of a transform
} Winograd;

// The four transforms: X to tiles, W to tiles, tiles to Y; and the adjoints of the last two.
typedef enum WinogradMap { MAP_X, MAP_W, MAP_Y, MAP_W_ADJOINT, MAP_Y_ADJOINT } WinogradMap;
const Matrix *winograd_matrix(int m, WinogradMap which);

// Whether the kernel of this item is such a contraction, and so large that it is worth it; then its
// tile is set, room for the transforms is made, and halos are widened to whole tiles. NULL if not.
Winograd *winograd_find(Fast *f, const Item *item, const Index *lane, Kernel *k);

// Its scratch; returns how many buffers.
int winograd_buffers(const Winograd *g, const LoopBuffer *buffer[WINOGRAD_BUFFERS]);

// winograd_write.c
// The transformed weights, before the loop over chunks.
void winograd_write_weights(Writer *w, Winograd *g);
// Of a sum: its products set to zero, before the samples of a chunk; and their transform added to
// the result, after them.
void winograd_write_clear(Writer *w, Winograd *g);
void winograd_write_result(Writer *w, Winograd *g);
// The transformed operands of a sample and their products.
void winograd_write_products(Writer *w, Winograd *g);
// The elements of the tile whose numbers are `tile`, at one vector of the lane: size[0]*size[1]
// locals, row by row.
void winograd_write_tile(Writer *w, Winograd *g, const LoopExpr *const tile[2],
                         const int64_t size[2], const LoopExpr *lane, LoopVariable **element);

#endif
