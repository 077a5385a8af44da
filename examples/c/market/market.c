/* A market of one good: orders are matched as they come, at the price of the one that waited. */
#include "book.h"

static side bids = {.best_is_low = 0};
static side asks = {.best_is_low = 1};
static uint64_t turnover;

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

static uint32_t match(side *waiting, int crosses_below, uint32_t price, uint32_t quantity) {
    while (quantity > 0 && waiting->count > 0) {
        order *best = &waiting->orders[0];
        if (crosses_below ? best->price > price : best->price < price) {
            break;
        }
        uint32_t traded = smaller(quantity, best->quantity);
        turnover += (uint64_t)traded * best->price;
        quantity -= traded;
        best->quantity -= traded;
        if (best->quantity == 0) {
            side_drop_first(waiting);
        }
    }
    return quantity;
}

/* Each gives how much was traded at once, or -1 when what is left cannot be kept. */
int32_t buy(uint32_t price, uint32_t quantity) {
    uint32_t left = match(&asks, 1, price, quantity);
    if (left > 0 && !side_add(&bids, price, left)) {
        return -1;
    }
    return (int32_t)(quantity - left);
}

int32_t sell(uint32_t price, uint32_t quantity) {
    uint32_t left = match(&bids, 0, price, quantity);
    if (left > 0 && !side_add(&asks, price, left)) {
        return -1;
    }
    return (int32_t)(quantity - left);
}

uint32_t best_bid(void) { return bids.count ? bids.orders[0].price : 0; }

uint32_t best_ask(void) { return asks.count ? asks.orders[0].price : 0; }

uint64_t total_turnover(void) { return turnover; }
