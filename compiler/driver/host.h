// host.h: what the machine that netc runs on can do.
#ifndef NETC_DRIVER_HOST_H
#define NETC_DRIVER_HOST_H

// The width of its widest vectors in bytes: 64, 32 or 16; 0 where it has none that we know.
int host_vector_bytes(void);

#endif
