#include "book.h"

static int is_better(const side *book, uint32_t price, uint32_t than) {
    return book->best_is_low ? price < than : price > than;
}

__attribute__((visibility("hidden"))) int side_add(side *book, uint32_t price, uint32_t quantity) {
    if (book->count == BOOK_MAX_ORDERS) {
        return 0;
    }
    uint32_t at = book->count++;
    while (at > 0 && is_better(book, price, book->orders[at - 1].price)) {
        book->orders[at] = book->orders[at - 1];
        at--;
    }
    book->orders[at].price = price;
    book->orders[at].quantity = quantity;
    return 1;
}

__attribute__((visibility("hidden"))) void side_drop_first(side *book) {
    for (uint32_t at = 1; at < book->count; at++) {
        book->orders[at - 1] = book->orders[at];
    }
    book->count--;
}
