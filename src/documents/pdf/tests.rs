//! What a page holds, seen from inside; what a reader of PDF sees, `tests/szablony` tells.
