#include "wire/duty_request.h"

#include <nlohmann/json.hpp>

#include "wire/fields.h"
#include "wire/json_writer.h"

namespace lvs {

std::string encode(const MoveRequest& request) {
  JsonWriter out;
  out.begin_object();
  out.member("vip", request.vip.to_string());
  out.member("term", request.move.term);
  out.optional("to", request.move.to);
  out.end_object();
  return out.take();
}

std::string encode(const DrainRequest& request) {
  JsonWriter out;
  out.begin_object();
  out.flag("drained", request.drained);
  out.end_object();
  return out.take();
}

Result<MoveRequest> decode_move_request(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  Fields fields(parsed, "move");
  MoveRequest request{fields.address("vip"), {fields.number("term"), fields.optional_text("to")}};
  if (auto finished = fields.finish(); !finished) return tl::unexpected<Error>(finished.error());
  return request;
}

Result<DrainRequest> decode_drain_request(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  Fields fields(parsed, "drain");
  const DrainRequest request{fields.flag("drained")};
  if (auto finished = fields.finish(); !finished) return tl::unexpected<Error>(finished.error());
  return request;
}

}  // namespace lvs
