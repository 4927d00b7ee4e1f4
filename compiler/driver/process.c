// process.c: fork, exec, collect what it prints.
#include "driver/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void words_add(Arena *a, Words *w, const char *word) {
    list_add(a, w->word, word);
}

void words_add_text(Arena *a, Words *w, const char *text) {
    while (*text) {
        size_t space = strspn(text, " \t\n");
        size_t size = strcspn(text + space, " \t\n");
        if (size) words_add(a, w, arena_copy(a, text + space, size));
        text += space + size;
    }
}

static void become(char *const *argument, int output) {
    if (output >= 0) {
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        close(output);
    }
    execvp(argument[0], argument);
    _exit(127);
}

static void collect(int from, Text *output) {
    char piece[4096];
    for (;;) {
        ssize_t got = read(from, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        text_add_bytes(output, piece, (size_t)got);
    }
    close(from);
}

int process_run(Arena *a, const Words *words, Text *output) {
    char **argument = arena_new_array(a, char *, words->word.count + 1);
    for (int i = 0; i < words->word.count; i++)
        argument[i] = arena_copy(a, words->word.item[i], strlen(words->word.item[i]));
    int pipe_end[2] = {-1, -1};
    if (output && pipe(pipe_end) != 0) return 127;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (output) close(pipe_end[0]);
        become(argument, pipe_end[1]);
    }
    if (output) close(pipe_end[1]);
    if (output && child > 0) collect(pipe_end[0], output);
    if (child < 0) return 127;
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
