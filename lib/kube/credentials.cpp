#include "kube/credentials.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <openssl/evp.h>

namespace lvs {
namespace {

constexpr std::size_t kMaxTokenBytes = std::size_t{64} << 10U;

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t longest) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::kNotFound, path + ": " + std::strerror(errno));
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return fail(ErrorCode::kIo, path + ": cannot be read");
  if (text.size() > longest) {
    return fail(ErrorCode::kInvalidArgument,
                path + ": larger than " + std::to_string(longest) + " bytes");
  }
  return text;
}

Result<std::string> decode_base64(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  if (text.size() % 4 != 0) return fail(ErrorCode::kInvalidArgument, "is not base64");
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return fail(ErrorCode::kInvalidArgument, "is not base64");
  std::size_t padding = 0;
  while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::function<Result<std::string>()> token_from_file(const std::string& path) {
  return [path]() -> Result<std::string> {
    auto token = read_small_file(path, kMaxTokenBytes);
    if (!token) return fail(ErrorCode::kPermissionDenied, "token file " + token.error().message);
    while (token->ends_with('\n') || token->ends_with('\r') || token->ends_with(' ')) {
      token->pop_back();
    }
    if (token->empty())
      return fail(ErrorCode::kPermissionDenied, "token file " + path + ": is empty");
    return token;
  };
}

}  // namespace lvs
