// token.h: a text cut into tokens, before anybody asks what they mean.
//
// The whole text is cut at once, so that the parser's feed can look ahead when it has to recover.
// Values are made only when the parser takes a token.
#ifndef NETC_SYNTAX_TOKEN_H
#define NETC_SYNTAX_TOKEN_H

#include "ast/ast.h"

typedef struct Token {
    int kind; // one of the parser's token kinds; END, NEWLINE ... with the prefix T_
    Span span;
} Token;

typedef struct Tokens {
    LIST(Token) token; // the last one is the end of the text
    LIST(AstComment) comment;
    LIST(uint32_t) refused; // where something was left out
} Tokens;

// Cuts the bytes of `span` into tokens. Reports characters, numbers and strings that no spec may
// contain, leaves them out and returns false; the tokens are usable all the same.
bool tokens_read(Compile *c, Span span, Tokens *out);

#endif
