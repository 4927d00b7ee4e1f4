// hoist.c
#include "lower/lowering.h"
void nest_hoist(Lowering *l, Node *body) {
    (void)l;
    (void)body;
}
