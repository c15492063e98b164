//! What templates are refused for, and what filling them gives.
