// memory_measure.h: the memory that a step of training touches, measured.
#ifndef NETC_DRIVER_MEMORY_MEASURE_H
#define NETC_DRIVER_MEMORY_MEASURE_H

#include "net_model.h"

#include <stddef.h>

// Runs a step of training and an evaluation on random numbers, in this process and on one thread,
// and returns the bytes of the pages of work that were touched; 0 where the model cannot train or
// there is no memory.
size_t memory_measure(const NetModel *m);

#endif
