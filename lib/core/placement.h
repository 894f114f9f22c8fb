// Which directors may hold a VIP, and in which order they claim it. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/resources.h"

namespace lvs {

// Names of the nodes that match `directors` among `nodes`, all of which are directors: the
// preferred ones first, as they are written; the others by rendezvous hash, that is by falling hash
// of VIP and node name, then by name. A node that comes or goes thus moves only VIPs that it held
// or now wins, and the VIPs spread over all directors. The order is part of the contract between
// releases: a new hash would move every VIP at the next upgrade.
[[nodiscard]] std::vector<std::string> place_vip(
    const IpAddress& vip, const DirectorsSpec& directors,
    const std::vector<std::shared_ptr<const Node>>& nodes);

}  // namespace lvs
