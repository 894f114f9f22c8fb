// The forms of names that the schemas demand, as predicates. Internal to lib/core; the regular
// expressions are those of crds/.
#pragma once

#include <string_view>

namespace lvs {

// ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$
[[nodiscard]] bool is_dns_label(std::string_view text);
// Labels with dots between them.
[[nodiscard]] bool is_dns_subdomain(std::string_view text);
// ^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$
[[nodiscard]] bool is_label_value(std::string_view text);
// ^[!-.0-9;-~]+$, at most IFNAMSIZ - 1 bytes, neither "." nor "..".
[[nodiscard]] bool is_interface_name(std::string_view text);
// ^/[!-~]*$
[[nodiscard]] bool is_request_path(std::string_view text);
// ^[][A-Za-z0-9._:-]+$
[[nodiscard]] bool is_http_host(std::string_view text);
// ^[A-Za-z0-9_-]{1,64}$
[[nodiscard]] bool is_header_name(std::string_view text);
// ^[ -~]*$
[[nodiscard]] bool is_printable(std::string_view text);
// ^[A-Za-z0-9_-][A-Za-z0-9._-]*$
[[nodiscard]] bool is_file_name(std::string_view text);
// Labels of letters, digits, - and _, with or without a full stop at the end, or only that.
// ^([.]|([A-Za-z0-9_-]{1,63}[.])*[A-Za-z0-9_-]{1,63}[.]?)$
[[nodiscard]] bool is_dns_query_name(std::string_view text);
// ^([0-9a-fA-F]{2})+$
[[nodiscard]] bool is_hex_bytes(std::string_view text);

}  // namespace lvs
