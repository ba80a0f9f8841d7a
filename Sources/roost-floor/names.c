// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Two tables of names, chained, of a size that the rows of roost-bench never fill.

#include "floor.h"

#include <stdlib.h>
#include <string.h>

enum { buckets = 1 << 16 };

struct entry {
    struct entry *next;
    const char *name;
    void *owner;
};

static struct entry *tables[kind_count][buckets];

/// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/.
static size_t bucket(const char *name, size_t length) {
    unsigned hash = 2166136261U;
    for (size_t offset = 0; offset < length; offset++) hash = (hash ^ (unsigned char)name[offset]) * 16777619U;
    return (hash ^ hash >> 16) % buckets;
}

void *name_find(enum kind kind, const char *name, size_t length) {
    for (struct entry *entry = tables[kind][bucket(name, length)]; entry; entry = entry->next) {
        if (strncmp(entry->name, name, length) == 0 && entry->name[length] == 0) return entry->owner;
    }
    return NULL;
}

void name_add(enum kind kind, const char *name, void *owner) {
    struct entry **head = &tables[kind][bucket(name, strlen(name))];
    struct entry *entry = grown(NULL, sizeof *entry);
    *entry = (struct entry){.next = *head, .name = name, .owner = owner};
    *head = entry;
}

void name_remove(enum kind kind, const char *name) {
    struct entry **link = &tables[kind][bucket(name, strlen(name))];
    while (*link && strcmp((*link)->name, name) != 0) link = &(*link)->next;
    struct entry *found = *link;
    if (!found) return;
    *link = found->next;
    free(found);
}
