// bench_torch.c: PyTorch beside us. Every configuration is a process of its own that lives through
// all turns and is stopped (SIGSTOP) while it is not its turn, so that threads that wait actively
// take nothing from the others.
//
// The allocator is told to keep memory instead of mapping and unmapping it for each tensor: that
// alone makes PyTorch a third faster on small nets. Layouts and the waiting of threads are tried in
// all combinations; the best one counts.
#include "driver/bench.h"

#include "driver/embedded.h"
#include "driver/files.h"
#include "teach/torch_script.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

typedef struct Configuration {
    const char *name, *layout, *mode;
    bool bound;
} Configuration;

static const Configuration training[] = {
    {"contiguous", "contiguous", "train", false},
    {"channels_last", "channels_last", "train", false},
    {"contiguous, bound active threads", "contiguous", "train", true},
    {"channels_last, bound active threads", "channels_last", "train", true},
};
static const Configuration inference[] = {
    {"eager, contiguous", "contiguous", "eager", false},
    {"eager, channels_last", "channels_last", "eager", false},
    {"frozen, contiguous", "contiguous", "frozen", false},
    {"frozen, channels_last", "channels_last", "frozen", false},
};

// f32 rounds to 6e-8; a net's sums in another order stay far below this part of the loss.
static const double loss_tolerance = 1e-4;

static const char allocator[] =
    "MALLOC_MMAP_THRESHOLD_=2000000000 MALLOC_TRIM_THRESHOLD_=4000000000 "
    "MALLOC_TOP_PAD_=500000000";

static void set_environment(const Configuration *c, int threads) {
    char count[16];
    snprintf(count, sizeof count, "%d", threads);
    setenv("MALLOC_MMAP_THRESHOLD_", "2000000000", 1);
    setenv("MALLOC_TRIM_THRESHOLD_", "4000000000", 1);
    setenv("MALLOC_TOP_PAD_", "500000000", 1);
    setenv("OMP_NUM_THREADS", count, 1);
    if (!c->bound) return;
    setenv("OMP_PROC_BIND", "true", 1);
    setenv("OMP_WAIT_POLICY", "active", 1);
}

static bool start(BenchTorchProcess *process, const Configuration *c, const BenchSettings *s,
                  const char *folder, const char *script) {
    char threads[24];
    snprintf(threads, sizeof threads, "%d", (int)s->threads);
    int in[2], out[2];
    if (pipe(in) || pipe(out)) return false;
    process->name = c->name;
    fflush(NULL);
    process->pid = fork();
    if (process->pid == 0) {
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a stopped process would outlive an interrupted netc
#endif
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        for (int i = 0; i < 2; i++) close(in[i]), close(out[i]);
        set_environment(c, (int)s->threads);
        execlp(s->python, s->python, script, c->layout, threads, c->mode, folder, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    process->to = fdopen(in[1], "w");
    process->from = fdopen(out[0], "r");
    return process->pid > 0 && process->to && process->from;
}

static void stop(const BenchTorchProcess *process) {
    kill(process->pid, SIGSTOP);
}

static bool read_line(BenchTorchProcess *process, char *line, int size) {
    return fgets(line, size, process->from) != NULL;
}

// Reads "ready VERSION THREADS LOSS SECONDS BLAS". Returns an exit code.
static int await_ready(BenchTorch *torch, BenchTorchProcess *process, Arena *a, double loss,
                       const BenchSettings *s) {
    char line[512], version[64], blas[256];
    int threads = 0;
    double there = 0, seconds = 0;
    if (!read_line(process, line, sizeof line)) {
        fprintf(stderr,
                "netc: %s ended before it was ready: is PyTorch installed for it? "
                "(--python names another)\n",
                s->python);
        return EXIT_FILES;
    }
    if (sscanf(line, "ready %63s %d %lf %lf %255s", version, &threads, &there, &seconds, blas) !=
        5) {
        line[strcspn(line, "\n")] = 0;
        fprintf(stderr, "netc: the spec has no equal in PyTorch: %s\n",
                strncmp(line, "problem ", 8) ? line : line + 8);
        return EXIT_SPEC;
    }
    if (threads != s->threads) {
        fprintf(stderr, "netc: PyTorch runs on %d threads, netc on %d: nothing to compare\n",
                threads, (int)s->threads);
        return EXIT_CHECK;
    }
    if (!(fabs(there - loss) <= loss_tolerance * fmax(fabs(loss), 1e-3))) {
        fprintf(stderr,
                "netc: from the same parameters and inputs PyTorch's loss is %.7g, ours "
                "%.7g: not the same net\n",
                there, loss);
        return EXIT_CHECK;
    }
    torch->version = arena_copy(a, version, strlen(version));
    torch->blas = arena_copy(a, blas, strlen(blas));
    process->steps = bench_steps(seconds);
    process->turn = arena_new_array(a, double, s->runs);
    return EXIT_FINE;
}

static bool write_block(Arena *a, const char *folder, const char *name, const void *bytes,
                        size_t size) {
    return file_write(path_join(a, folder, name), bytes, size);
}

static int write_script(Pipeline *p, const BenchModel *model, const char *folder, char **path) {
    Arena *a = p->compile->arena;
    Text text = text_new(a);
    text_printf(&text, "# The network of %s in PyTorch.\n", p->model->name);
    const char *problem = torch_script(p->model, &model->table, &text);
    if (problem) {
        fprintf(stderr,
                "netc: %s has no equal among PyTorch's layers: %s; only specs made of its "
                "layers can be compared\n",
                p->path, problem);
        return EXIT_SPEC;
    }
    text_add(&text, "\n\n");
    text_add(&text, embedded_bench_torch);
    *path = path_join(a, folder, "net.py");
    return file_write(*path, text.bytes, text.size) ? EXIT_FINE : EXIT_FILES;
}

static bool has_images(const NetModel *m) {
    for (int i = 0; i < m->input_count; i++)
        if (m->input[i].rank == 3 && m->input[i].type != NET_I32) return true;
    return false;
}

int bench_torch_begin(BenchTorch *torch, Pipeline *p, const BenchModel *model,
                      const BenchSettings *s) {
    Arena *a = p->compile->arena;
    const NetModel *m = &model->table;
    NetCall call = model->call;
    size_t width = m->type == NET_F64 ? 8 : 4;
    *torch = (BenchTorch){.folder = folder_temporary(a)};
    char *script = NULL;
    int code = torch->folder ? write_script(p, model, torch->folder, &script) : EXIT_FILES;
    if (code != EXIT_FINE) return code;
    if (!write_block(a, torch->folder, "params", call.params, m->param_count * width) ||
        !write_block(a, torch->folder, "states", call.states, m->state_count * width) ||
        !write_block(a, torch->folder, "batch", call.batch, m->batch_bytes))
        return EXIT_FILES;
    m->evaluate(&call);
    double loss = call.results[0];
    const Configuration *all = s->inference ? inference : training;
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < BENCH_TORCH_MOST; i++) {
        if (!strcmp(all[i].layout, "channels_last") && !has_images(m)) continue;
        BenchTorchProcess *process = &torch->process[torch->count++];
        code = start(process, &all[i], s, torch->folder, script)
                   ? await_ready(torch, process, a, loss, s)
                   : EXIT_FILES;
        if (process->pid > 0) stop(process);
        if (code != EXIT_FINE) return code;
    }
    return EXIT_FINE;
}

bool bench_torch_turn(BenchTorch *torch) {
    for (int i = 0; i < torch->count; i++) {
        BenchTorchProcess *process = &torch->process[i];
        char line[128];
        kill(process->pid, SIGCONT);
        fprintf(process->to, "%lld\n", (long long)process->steps);
        fflush(process->to);
        bool fine = read_line(process, line, sizeof line);
        stop(process);
        if (!fine) {
            fprintf(stderr, "netc: PyTorch (%s) ended before its time\n", process->name);
            return false;
        }
        process->turn[process->turns++] = strtod(line, NULL);
    }
    return true;
}

double bench_torch_report(BenchTorch *torch, int64_t batch, double *fastest) {
    double best = INFINITY;
    *fastest = INFINITY;
    printf("PyTorch %s, BLAS %s, %s\n", torch->version, torch->blas, allocator);
    if (strstr(torch->blas, "/blas/libblas.so"))
        printf("               that is the reference BLAS, whose matrix products are slow: no fair "
               "rival for layers of matrices\n");
    for (int i = 0; i < torch->count; i++) {
        BenchTorchProcess *process = &torch->process[i];
        double median = bench_median(process->turn, process->turns);
        printf("  %-36s %10.2f us a sample (%.2f to %.2f)\n", process->name,
               1e6 * median / (double)batch, 1e6 * process->turn[0] / (double)batch,
               1e6 * process->turn[process->turns - 1] / (double)batch);
        best = fmin(best, median);
        *fastest = fmin(*fastest, process->turn[0]);
    }
    return best;
}

void bench_torch_end(BenchTorch *torch) {
    for (int i = 0; i < torch->count; i++) {
        BenchTorchProcess *process = &torch->process[i];
        if (process->to) fclose(process->to);
        if (process->from) fclose(process->from);
        if (process->pid <= 0) continue;
        kill(process->pid, SIGKILL);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR) continue;
    }
    if (torch->folder) folder_delete(torch->folder);
    *torch = (BenchTorch){0};
}
