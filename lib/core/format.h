// Every table and operation as text that any LVS administrator reads: `ipvsadm -Sn` lines for IPVS,
// `ip` and `sysctl` commands for the rest. Tests and --dry-run speak this language.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/desired.h"
#include "core/observed.h"
#include "core/operation.h"

namespace lvs {

// One line without newline: "-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3".
[[nodiscard]] std::string format(const Operation& operation);
// One line per operation.
[[nodiscard]] std::string format(std::span<const Operation> operations);
// As `ipvsadm -Sn` prints the table: each -A line followed by its -a lines, by key.
[[nodiscard]] std::string format_table(std::span<const ObservedService> services);
[[nodiscard]] std::string format_table(std::span<const DesiredService> services);

}  // namespace lvs
