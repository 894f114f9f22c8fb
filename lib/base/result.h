// Result<T>: how every function of this project that can fail returns. Exceptions stop at the
// adapters of the libraries that throw them.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace lvs {

// What the caller can do about it; the message is for people.
enum class ErrorCode {
  kInvalidArgument,   // the input is wrong: trying again does not help
  kNotFound,          // the named thing does not exist
  kAlreadyExists,     // the named thing exists already
  kConflict,          // the other side has moved on: read again, then decide anew
  kUnavailable,       // the other side did not answer: try again later
  kUnsupported,       // this kernel, server or build cannot do it
  kPermissionDenied,  // the caller may not do it
  kTimeout,           // no answer in the time that was given
  kCorrupt,           // stored or received bytes are not what was written
  kIo,                // the operating system refused
};

struct Error {
  ErrorCode code = ErrorCode::kIo;
  // Names the object, the field and what to do; no trailing full stop, no newline.
  std::string message;

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

// The same error with the place put in front: "manifests/web.yaml:12: <message>".
[[nodiscard]] inline tl::unexpected<Error> fail_at(const std::string& place, const Error& error) {
  return tl::unexpected<Error>(Error{error.code, place + ": " + error.message});
}

// The snake_case name of the code, as logs and metrics print it.
[[nodiscard]] const char* to_string(ErrorCode code);

}  // namespace lvs
