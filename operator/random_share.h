// The random part of a backoff: uniform in [0, 1). Any thread.
#pragma once

namespace lvs {

[[nodiscard]] double random_share();

}  // namespace lvs
