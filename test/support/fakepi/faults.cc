#include "faults.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <vector>

#include "fakepi.h"

namespace fakepi {

namespace {

enum class Kind { Flag, Number, Decimal, Path, Word, CountedWord, When };

struct Name {
  const char* name;
  Kind kind;
  const char* words = "";  // that it can be, each between blanks
};

constexpr std::array names{
    Name{"ABSENT", Kind::Flag},         Name{"BAD_FIRST", Kind::Word, " garbage zero "},
    Name{"CMA", Kind::Number},          Name{"EIO", Kind::When},
    Name{"ERROR", Kind::When},          Name{"HEADER_ONLY", Kind::When},
    Name{"HEADERS_STOP", Kind::Number}, Name{"KEEP_LAST", Kind::Number},
    Name{"LOSE_KEY", Kind::When},       Name{"MIN_BUFFERS", Kind::Number},
    Name{"NODE", Kind::Path},           Name{"NO_GOP_SIZE", Kind::Flag},
    Name{"OLD_KERNEL", Kind::Flag},     Name{"REFUSE", Kind::CountedWord, " ESRCH EPERM EINTR "},
    Name{"SEED", Kind::Number},         Name{"SKIP", Kind::When},
    Name{"SPEED", Kind::Decimal},       Name{"SPLIT", Kind::When},
    Name{"STALL", Kind::When},          Name{"STRICT", Kind::Flag},
    Name{"STRIDE", Kind::Number},
};
static_assert(names.size() == static_cast<size_t>(Fault::Stride) + 1);

std::optional<int64_t> parseNumber(const std::string& text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc()) return std::nullopt;
  if (rest != end && *rest == 'K') value <<= 10, ++rest;
  if (rest != end && *rest == 'M') value <<= 20, ++rest;
  if (rest != end) return std::nullopt;
  return value;
}

// "17" or "17,40": those opportunities, counted from 0; "/30": each 30th; "5%": at random.
struct When {
  std::vector<int64_t> ordinals;
  int64_t every = 0;
  double probability = 0;

  static std::optional<When> parse(const std::string& text) {
    When when;
    if (text.starts_with('/')) {
      when.every = parseNumber(text.substr(1)).value_or(0);
      return when.every > 0 ? std::optional(when) : std::nullopt;
    }
    if (text.ends_with('%')) {
      when.probability = std::atof(text.c_str()) / 100;
      return when.probability > 0 ? std::optional(when) : std::nullopt;
    }
    for (size_t from = 0; from <= text.size();) {
      const size_t comma = std::min(text.find(',', from), text.size());
      const auto ordinal = parseNumber(text.substr(from, comma - from));
      if (!ordinal) return std::nullopt;
      when.ordinals.push_back(*ordinal);
      from = comma + 1;
    }
    return when;
  }
};

bool isWord(const std::string& text, const char* words) {
  return std::string(words).find(" " + text + " ") != std::string::npos;
}

bool canBe(const Name& name, const std::string& value) {
  switch (name.kind) {
    case Kind::Flag:
      return value == "1";
    case Kind::Number:
      return parseNumber(value).has_value();
    case Kind::Decimal: {
      char* end = nullptr;
      return std::strtod(value.c_str(), &end) >= 0 && *end == '\0';
    }
    case Kind::Path:
      return value.starts_with("/dev/");
    case Kind::Word:
      return isWord(value, name.words);
    case Kind::CountedWord: {
      const size_t colon = value.find(':');
      const bool counts = colon == std::string::npos || parseNumber(value.substr(colon + 1));
      return isWord(value.substr(0, colon), name.words) && counts;
    }
    case Kind::When:
      return When::parse(value).has_value();
  }
  return false;
}

struct Setting {
  std::optional<std::string> text;
  When when;
  int64_t opportunities = 0;
  std::mt19937_64 random;
};

// Lives until the process is gone: device threads may still run while it exits.
struct Settings {
  std::mutex mutex;
  std::array<Setting, names.size()> all;

  Settings() {
    for (const Name& name : names) {
      const std::string variable = std::string("FAKEPI_") + name.name;
      const char* value = std::getenv(variable.c_str());
      if (value != nullptr && !set(name.name, value)) refuse(variable + "=" + value);
    }
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string variable = *entry;
      if (!variable.starts_with("FAKEPI_")) continue;
      if (!find(variable.substr(7, variable.find('=') - 7))) refuse(variable);
    }
  }

  static std::optional<size_t> find(const std::string& name) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (name == names[i].name) return i;
    }
    return std::nullopt;
  }

  bool set(const std::string& name, const char* value) {
    const auto index = find(name);
    if (!index) return false;
    Setting setting;
    if (value != nullptr && *value != '\0') {
      if (!canBe(names[*index], value)) return false;
      setting.text = value;
      if (names[*index].kind == Kind::When) setting.when = *When::parse(value);
    }
    // Each fault draws its own numbers: another one set does not move them.
    const auto seed = parseNumber(all[static_cast<size_t>(Fault::Seed)].text.value_or("1"));
    setting.random.seed(static_cast<uint64_t>(*seed) * 1000 + *index);
    all[*index] = std::move(setting);
    return true;
  }

  // A mistyped fault would make a test pass that tests nothing.
  [[noreturn]] static void refuse(const std::string& variable) {
    std::fprintf(stderr, "fakepi: %s is not understood\n", variable.c_str());
    std::abort();
  }
};

Settings& settings() {
  static auto* const instance = new Settings;
  return *instance;
}

}  // namespace

std::optional<std::string> text(Fault fault) {
  Settings& s = settings();
  std::lock_guard lock(s.mutex);
  return s.all[static_cast<size_t>(fault)].text;
}

bool isSet(Fault fault) { return text(fault).has_value(); }

int64_t number(Fault fault, int64_t otherwise) {
  const auto value = text(fault);
  return value ? *parseNumber(*value) : otherwise;
}

bool strikes(Fault fault) {
  Settings& s = settings();
  std::lock_guard lock(s.mutex);
  Setting& setting = s.all[static_cast<size_t>(fault)];
  if (!setting.text) return false;
  const int64_t ordinal = setting.opportunities++;
  if (setting.when.every > 0) return ordinal % setting.when.every == setting.when.every - 1;
  if (setting.when.probability > 0) {
    return std::bernoulli_distribution(setting.when.probability)(setting.random);
  }
  for (int64_t one : setting.when.ordinals) {
    if (one == ordinal) return true;
  }
  return false;
}

bool setFault(const std::string& name, const char* value) {
  Settings& s = settings();
  std::lock_guard lock(s.mutex);
  return s.set(name, value);
}

double speed() {
  const auto value = text(Fault::Speed);
  return value ? std::atof(value->c_str()) : 1;
}

std::chrono::nanoseconds scaled(std::chrono::nanoseconds onAPi) {
  const double factor = speed();
  if (factor <= 0) return std::chrono::nanoseconds(0);
  return std::chrono::nanoseconds(static_cast<int64_t>(onAPi.count() / factor));
}

void strictly(bool holds, const char* message) {
  if (holds || !isSet(Fault::Strict)) return;
  std::fprintf(stderr, "fakepi: strict: %s\n", message);
  std::abort();
}

}  // namespace fakepi

extern "C" __attribute__((visibility("default"))) int fakepi_set_fault(const char* name,
                                                                       const char* value) {
  return fakepi::setFault(name, value) ? 0 : -1;
}
