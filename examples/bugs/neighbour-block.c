// A hardware shop's stock at the end of the day. The price list is printed right; then the manager marks one article as
// discontinued, and another one, which nobody has touched, is in stock 45,511,175,663,209 times.
//
// The wrong value: `nuts->in_stock`. It was 500, and nobody has sold or bought a nut today.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct article {
    long in_stock;
    long price_in_cents;
    char *name;
};

struct sale {
    struct article *article;
    long pieces;
};

static long turnover_in_cents;

// The name is the caller's, and may change after this: so each article keeps one of its own.
static struct article *new_article(const char *name, long in_stock, long price_in_cents) {
    struct article *article = malloc(sizeof *article);
    if (!article) abort();
    article->in_stock = in_stock;
    article->price_in_cents = price_in_cents;
    article->name = malloc(strlen(name) + 1);
    if (!article->name) abort();
    strcpy(article->name, name);
    return article;
}

static void sell(struct sale sale) {
    sale.article->in_stock -= sale.pieces;
    turnover_in_cents += sale.pieces * sale.article->price_in_cents;
}

static void print(const struct article *article) {
    printf("%-40s %20ld pieces at %3ld cents\n", article->name, article->in_stock, article->price_in_cents);
}

static void close_the_day(struct article *bolts, struct article *nuts) {
    long discount = 0;
    sell((struct sale){bolts, 20});
    bolts->price_in_cents = 25;
    sell((struct sale){bolts, 40});
    nuts->price_in_cents = 9;
    discount = turnover_in_cents / 100;
    strcat(bolts->name, " (discontinued)");
    turnover_in_cents -= discount;
    bolts->price_in_cents = 12;
    print(bolts);
    print(nuts);
}

int main(void) {
    struct article *bolts = new_article("hex bolt, zinc, M8 x 60", 1200, 30);
    struct article *nuts = new_article("hex nut, M8", 500, 8);
    print(bolts);
    print(nuts);
    close_the_day(bolts, nuts);
    printf("turnover: %ld cents\n", turnover_in_cents);
    return 0;
}
