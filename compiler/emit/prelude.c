// prelude.c: finds and prints the pieces of the prelude that are used.
#include "emit/prelude.h"

#include "support/compile.h"

#include <ctype.h>
#include <string.h>

typedef struct Piece {
    const char *text; // without the empty line after it
    const char *name; // that it defines, or NULL for a comment that stands alone
    bool is_used;
} Piece;

typedef LIST(Piece) PieceList;

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

// The code of a piece: what follows its comment.
static const char *skip_comment(const char *text) {
    while (strncmp(text, "//", 2) == 0) {
        text += strcspn(text, "\n");
        if (*text == '\n') text++;
    }
    return text;
}

// The word that ends before `end`.
static const char *word_before(Arena *a, const char *begin, const char *end) {
    while (end > begin && !is_word(end[-1])) end--;
    const char *from = end;
    while (from > begin && is_word(from[-1])) from--;
    return arena_copy(a, from, (size_t)(end - from));
}

// A type is named at its end, a function or table before its first bracket, a constant before its
// "=".
static const char *defined_name(Arena *a, const char *text) {
    const char *code = skip_comment(text);
    if (*code == '\0' || *code == '#') return NULL;
    if (strncmp(code, "typedef", 7) == 0) return word_before(a, code, code + strlen(code));
    return word_before(a, code, code + strcspn(code, "([="));
}

static PieceList cut(Arena *a) {
    PieceList pieces = {0};
    const char *at = emit_prelude_text;
    while (*at) {
        const char *end = strstr(at, "\n\n");
        size_t size = end ? (size_t)(end - at) : strlen(at);
        Piece piece = {.text = arena_copy(a, at, size)};
        piece.name = defined_name(a, piece.text);
        list_add(a, pieces, piece);
        at += size;
        while (*at == '\n') at++;
    }
    return pieces;
}

static bool names_word(const char *text, const char *word) {
    size_t size = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        bool begins = at == text || !is_word(at[-1]);
        if (begins && !is_word(at[size])) return true;
    }
    return false;
}

static void use(PieceList *pieces, int which) {
    Piece *piece = &pieces->item[which];
    if (piece->is_used) return;
    piece->is_used = true;
    const char *code = skip_comment(piece->text);
    for (int i = 0; i < which; i++) {
        const char *name = pieces->item[i].name;
        if (name && names_word(code, name)) use(pieces, i);
    }
}

static void use_name(PieceList *pieces, const char *name) {
    for (int i = 0; i < pieces->count; i++)
        if (pieces->item[i].name && strcmp(pieces->item[i].name, name) == 0) {
            use(pieces, i);
            return;
        }
    internal_error("emit", "the prelude has no %s", name);
}

void prelude_print(Writer *w, const NameList *needed) {
    PieceList pieces = cut(w->out->arena);
    for (int i = 0; i < needed->count; i++) use_name(&pieces, needed->item[i]);
    for (int i = 0; i < pieces.count; i++)
        if (pieces.item[i].is_used) text_printf(w->out, "%s\n\n", pieces.item[i].text);
}
