// definition.c: which files a spec is made of, and the layers, blocks and constants they define.
//
// A file sees its own definitions, then those of the files it imports, then the library's. The
// library is embedded text.
#include "elaborate/context.h"

#include "std/std.h"
#include "syntax/syntax.h"

#include <string.h>

static Scope *file_scope(Elab *e, SpecFile *file) {
    return scope_new(e, file, NULL);
}

static void add_definition(Elab *e, SpecFile *file, const AstStatement *st) {
    for (int i = 0; i < file->definition.count; i++) {
        const AstStatement *other = file->definition.item[i];
        if (other->name != st->name) continue;
        Diagnostic *d = fault(file_scope(e, file), E_DUPLICATE, st->name_span,
                              "'%s' is defined twice", st->name);
        report_note(e->c->diagnostics, d, other->name_span, "it is defined here too");
        return;
    }
    for (int i = 0; i < st->parameter_count; i++)
        check_reserved(file_scope(e, file), st->parameter[i].name, st->parameter[i].span);
    list_add(e->arena, file->definition, st);
}

static void add_constant(Elab *e, SpecFile *file, const AstStatement *st) {
    for (int i = 0; i < file->constant.count; i++) {
        if (file->constant.item[i].name != st->name) continue;
        Diagnostic *d = fault(file_scope(e, file), E_DUPLICATE, st->name_span,
                              "the constant '%s' is defined twice", st->name);
        report_note(e->c->diagnostics, d, file->constant.item[i].span, "it is defined here too");
        return;
    }
    if (!check_reserved(file_scope(e, file), st->name, st->name_span)) return;
    const AstExpr *set = override_find(e, st->name);
    NamedValue new = {st->name, value_of(file_scope(e, file), set ? set : st->expr), st->name_span,
                      st->expr};
    list_add(e->arena, file->constant, new);
}

// The path of an import, relative to the folder of the file that names it.
static const char *beside(Elab *e, const char *path, const char *name) {
    const char *slash = strrchr(path, '/');
    if (!slash) return name;
    return arena_printf(e->arena, "%.*s%s", (int)(slash - path + 1), path, name);
}

// Files being read, innermost first: an import of one of them is a cycle.
typedef struct Reading {
    const char *path;
    const struct Reading *outer;
} Reading;

static SpecFile *read_statements(Elab *e, const Ast *ast, const char *path, bool is_library,
                                 const Reading *outer);

static void add_import(Elab *e, SpecFile *file, const AstStatement *st, const Reading *reading) {
    Scope *s = file_scope(e, file);
    if (*st->text == '/' || *st->text == '\0') {
        fault(s, E_FILE, st->span, "an import is named relative to the file it stands in");
        return;
    }
    const char *path = beside(e, file->path, st->text);
    int depth = 0;
    for (const Reading *r = reading; r; r = r->outer, depth++)
        if (strcmp(r->path, path) == 0 || depth > LIMIT_NESTING) {
            fault(s, E_RECURSION, st->span, "'%s' imports itself", path);
            return;
        }
    for (int i = 0; i < e->file.count; i++)
        if (strcmp(e->file.item[i]->path, path) == 0) {
            list_add(e->arena, file->import, e->file.item[i]);
            return;
        }
    const char *problem = NULL;
    uint32_t number = source_read(e->c->sources, path, &problem);
    if (!number) {
        fault(s, E_FILE, st->span, "%s", problem);
        return;
    }
    size_t size = strlen(path);
    bool yaml = (size > 5 && strcmp(path + size - 5, ".yaml") == 0) ||
                (size > 4 && strcmp(path + size - 4, ".yml") == 0);
    Ast *ast = yaml ? parse_yaml(e->c, number) : parse_net(e->c, number);
    if (!ast) return;
    list_add(e->arena, file->import, read_statements(e, ast, path, false, reading));
}

// What may stand in a file that is imported.
static bool is_definition(AstStatementKind kind) {
    return kind == AST_LAYER || kind == AST_BLOCK || kind == AST_CONST || kind == AST_IMPORT;
}

static SpecFile *read_statements(Elab *e, const Ast *ast, const char *path, bool is_library,
                                 const Reading *outer) {
    SpecFile *file = arena_new_item(e->arena, SpecFile);
    Reading reading = {path, outer};
    file->path = path;
    file->is_library = is_library;
    file->ast = ast;
    for (int i = 0; i < ast->body.count; i++) {
        const AstStatement *st = ast->body.item[i];
        if (st->kind == AST_IMPORT) add_import(e, file, st, &reading);
        if (st->kind == AST_LAYER || st->kind == AST_BLOCK) add_definition(e, file, st);
        if (st->kind == AST_CONST) add_constant(e, file, st);
        if (outer && !is_definition(st->kind) && st->kind != AST_MODEL)
            fault(file_scope(e, file), E_STATEMENT, st->span,
                  "a file that is imported holds layers, blocks and constants only");
    }
    list_add(e->arena, e->file, file);
    return file;
}

SpecFile *file_read(Elab *e, const Ast *ast, const char *path, bool is_library) {
    return read_statements(e, ast, path, is_library, NULL);
}

static uint32_t library_source(Compile *c, const LibraryFile *file) {
    for (int i = 0; i < c->sources->source.count; i++) {
        const Source *source = c->sources->source.item[i];
        if (source->is_library && strcmp(source->path, file->path) == 0) return (uint32_t)i + 1;
    }
    return source_add(c->sources, file->path, file->bytes, file->size, true);
}

// All texts of the library as one file.
SpecFile *library_read(Elab *e) {
    SpecFile *all = arena_new_item(e->arena, SpecFile);
    all->path = "std";
    all->is_library = true;
    for (int k = 0; k < library_file_count; k++) {
        const Ast *ast = parse_net(e->c, library_source(e->c, &library_file[k]));
        if (!ast) continue;
        for (int i = 0; i < ast->body.count; i++) {
            const AstStatement *st = ast->body.item[i];
            if (st->kind == AST_LAYER || st->kind == AST_BLOCK) add_definition(e, all, st);
            if (st->kind == AST_CONST) add_constant(e, all, st);
        }
    }
    return all;
}

static const AstStatement *find_in(const SpecFile *file, Name name) {
    for (int i = 0; i < file->definition.count; i++)
        if (file->definition.item[i]->name == name) return file->definition.item[i];
    return NULL;
}

Definition definition_find(const Elab *e, SpecFile *file, Name name) {
    Definition found = {find_in(file, name), file};
    for (int i = 0; !found.statement && i < file->import.count; i++)
        found = (Definition){find_in(file->import.item[i], name), file->import.item[i]};
    if (!found.statement && e->library) found = (Definition){find_in(e->library, name), e->library};
    return found;
}

bool definition_is_inside(const Scope *s, const AstStatement *definition) {
    for (; s; s = s->caller)
        if (s->definition == definition) return true;
    return false;
}

const AstStatement *library_layer(Compile *c, Name name) {
    Elab e = {.c = c, .arena = c->arena};
    return find_in(library_read(&e), name);
}
