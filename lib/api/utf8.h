// Is a text UTF-8 (RFC 3629)?
#pragma once

#include <cstddef>
#include <string_view>

namespace lvs {

// The first byte that is part of no character; npos: there is none.
[[nodiscard]] std::size_t find_no_utf8(std::string_view text);

}  // namespace lvs
