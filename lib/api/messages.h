// Messages of the schemas' rules that both the codec and core/validate give, word for word as in
// crds/.
#pragma once

#include <string_view>

namespace lvs {

inline constexpr std::string_view kNotAPortName =
    "not a port name; write lower case letters, digits and hyphens, like http or smtp-in";
inline constexpr std::string_view kNotAnInterface =
    "not the name of an interface; write 1 to 15 characters like eth1, without /, : and spaces";
inline constexpr std::string_view kNotANode =
    "not the name of a node; write one like real-server-1";
inline constexpr std::string_view kNotAName =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'";
inline constexpr std::string_view kNotAHost =
    "not a host; write a name or an address, with :PORT where it belongs, like shop.example:8080";
inline constexpr std::string_view kNotAServerName =
    "not a server name; write a name in lower case, like shop.example";
inline constexpr std::string_view kNotACheckFile =
    "not a file of the checks; write the name of a file in the agents' folder --check-files, "
    "without a path, like shop-ca.pem";
inline constexpr std::string_view kNotABodyText =
    "not a text to look for; write 1 to 256 printable ASCII characters, or remove bodyContains";
inline constexpr std::string_view kNotAHello =
    "not a name to greet with; write one like director.example, or an address in brackets";
inline constexpr std::string_view kNotADnsName =
    "not a name to ask for; write one like shop.example, or . for the root";
inline constexpr std::string_view kNotBytes =
    "not bytes; write two hexadecimal digits for each, in quotes, like \"70696e67\"";

}  // namespace lvs
