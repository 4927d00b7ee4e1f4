// signals.c: SIGINT and SIGTERM end a run after its step. The handlers of the program around us are
// put back.
#include "run.h"

#include <signal.h>

static volatile sig_atomic_t caught;
static struct sigaction before_int, before_term;

// One per process, as signals are.
static void remember(int signal_number) {
    caught = signal_number;
}

void net_signals_catch(void) {
    struct sigaction action = {.sa_handler = remember, .sa_flags = SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    caught = 0;
    sigaction(SIGINT, &action, &before_int); // a second Ctrl-C ends at once
    sigaction(SIGTERM, &action, &before_term);
}

void net_signals_release(void) {
    sigaction(SIGINT, &before_int, NULL);
    sigaction(SIGTERM, &before_term, NULL);
}

int net_signal_caught(void) {
    return caught;
}
