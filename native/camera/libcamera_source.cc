#include "camera/libcamera_source.h"

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/property_ids.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "camera/libcamera_controls.h"
#include "camera/libcamera_format.h"
#include "camera/libcamera_manager.h"
#include "camera/libcamera_session.h"

namespace pimon {

namespace {

namespace properties = libcamera::properties;

std::string locationOf(const libcamera::Camera& camera) {
  const auto location = camera.properties().get(properties::Location);
  if (!location) return {};
  switch (*location) {
    case properties::CameraLocationFront:
      return "front";
    case properties::CameraLocationBack:
      return "back";
    case properties::CameraLocationExternal:
      return "external";
    default:
      return {};
  }
}

// Every camera made of hardware names the device nodes behind it.
bool isVirtual(const libcamera::Camera& camera) {
  return !camera.properties().contains(properties::SystemDevices.id());
}

CameraInfo describeCamera(const libcamera::Camera& camera) {
  const auto model = camera.properties().get(properties::Model);
  return {.id = camera.id(),
          .model = model ? std::string(*model) : std::string(),
          .location = locationOf(camera),
          .source = "libcamera",
          .isVirtual = isVirtual(camera)};
}

// Has one camera to itself, from construction to destruction.
class LibcameraSource final : public FrameSource {
 public:
  LibcameraSource(std::unique_ptr<LibcameraManager> manager,
                  std::shared_ptr<libcamera::Camera> camera)
      : manager_(std::move(manager)), camera_(std::move(camera)), info_(describeCamera(*camera_)) {
    controls_.offer(camera_->controls());
  }

  ~LibcameraSource() override {
    stop();
    camera_->release();
  }

  const CameraInfo& info() const override { return info_; }

  StreamFormat configure(const SourceConfig& config) override {
    configuration_ = negotiate(*camera_, config);
    if (const int result = camera_->configure(configuration_.get()); result < 0) {
      configuration_.reset();
      throw Error("camera-lost", systemMessage("The camera took no configuration", -result));
    }
    // Only now are the ranges those of the sensor's mode.
    controls_.offer(camera_->controls());
    controls_.setSync(config.sync);
    StreamFormat format = formatOf(*configuration_, config.fps, camera_->controls());
    fps_ = format.fps;
    // Of a virtual camera any number will do.
    const auto asked = static_cast<unsigned>(config.buffers);
    buffers_ = isVirtual(*camera_) ? asked : std::min(asked, configuration_->at(0).bufferCount);
    format.buffers = static_cast<int>(buffers_);
    return format;
  }

  void start(FrameListener& listener) override {
    session_ = std::make_shared<LibcameraSession>(
        LibcameraSession::Setup{.camera = camera_,
                                .configuration = *configuration_,
                                .fps = fps_,
                                .buffers = buffers_,
                                .isVirtual = isVirtual(*camera_)},
        controls_, listener);
    session_->start();
  }

  void stop() override {
    if (session_) session_->stop();
    session_.reset();
  }

  std::vector<ControlInfo> controls() const override { return controls_.list(); }
  void setControls(const ControlValues& values) override { controls_.set(values); }

 private:
  // In this order, so that they die in the other.
  std::unique_ptr<LibcameraManager> manager_;
  std::shared_ptr<libcamera::Camera> camera_;
  CameraInfo info_;
  LibcameraControls controls_;
  std::unique_ptr<libcamera::CameraConfiguration> configuration_;
  double fps_ = 0;
  unsigned buffers_ = 0;
  std::shared_ptr<LibcameraSession> session_;
};

}  // namespace

std::string libcameraVersion() {
  const std::string& version = libcamera::CameraManager::version();
  return version.starts_with('v') ? version.substr(1) : version;
}

std::vector<CameraInfo> listLibcameraCameras() {
  const LibcameraManager manager;
  std::vector<CameraInfo> cameras;
  for (const auto& camera : manager->cameras()) cameras.push_back(describeCamera(*camera));
  return cameras;
}

std::unique_ptr<FrameSource> openLibcameraCamera(const std::string& id) {
  auto manager = std::make_unique<LibcameraManager>();
  std::shared_ptr<libcamera::Camera> camera = (*manager)->get(id);
  if (!camera) {
    throw Error("camera-unknown",
                "There is no camera " + id + ". \"pi-monitor cameras\" lists those there are.",
                "camera.id");
  }
  const int result = camera->acquire();
  if (result == -EBUSY) {
    throw Error("camera-busy",
                "Another program has the camera " + id +
                    ". End it (another pi-monitor, rpicam-vid, motion, …), then try again.");
  }
  if (result < 0) {
    throw Error("camera-lost", systemMessage("The camera " + id + " cannot be opened", -result));
  }
  return std::make_unique<LibcameraSource>(std::move(manager), std::move(camera));
}

}  // namespace pimon
