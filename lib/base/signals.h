// How a daemon learns that it shall end: a signal taken by sigwait(), not by a handler.
#pragma once

#include <csignal>

namespace lvs {

// SIGTERM and SIGINT, blocked in the calling thread; before the first other thread starts, so that
// every thread inherits it. A peer that closes a socket is an error of the write, not a signal.
[[nodiscard]] sigset_t block_ending_signals();

}  // namespace lvs
