/* An order book: bids and asks, each kept with the best price first. */
#ifndef BOOK_H
#define BOOK_H

#include <stdint.h>

#define BOOK_MAX_ORDERS 256

typedef struct {
    uint32_t price;
    uint32_t quantity;
} order;

typedef struct {
    order orders[BOOK_MAX_ORDERS];
    uint32_t count;
    int best_is_low;
} side;

/* Puts an order behind all that are better or as good; 0 when the side is full. */
int side_add(side *book, uint32_t price, uint32_t quantity);

/* Drops the first order. */
void side_drop_first(side *book);

#endif
