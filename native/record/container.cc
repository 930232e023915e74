#include "record/container.h"

#include "record/h264_container.h"
#include "record/mkv_container.h"
#include "record/mp4_container.h"

namespace pimon {

const char* name(ContainerKind kind) {
  switch (kind) {
    case ContainerKind::Mp4:
      return "mp4";
    case ContainerKind::Mkv:
      return "mkv";
    case ContainerKind::H264:
      return "h264";
  }
  return "";
}

std::optional<ContainerKind> containerKind(const std::string& wanted) {
  for (const ContainerKind kind : {ContainerKind::Mp4, ContainerKind::Mkv, ContainerKind::H264}) {
    if (wanted == name(kind)) return kind;
  }
  return std::nullopt;
}

std::unique_ptr<Container> makeContainer(ContainerKind kind) {
  switch (kind) {
    case ContainerKind::Mkv:
      return std::make_unique<MkvContainer>();
    case ContainerKind::H264:
      return std::make_unique<H264Container>();
    case ContainerKind::Mp4:
      break;
  }
  return std::make_unique<Mp4Container>();
}

}  // namespace pimon
