//! Room `services`.
