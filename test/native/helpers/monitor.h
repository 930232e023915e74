#pragma once

#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "helpers/frame_log.h"
#include "pipeline.h"

namespace pimon {

// A pipeline over the synthetic camera, with somebody who listens: what JavaScript is elsewhere.
class Monitor final : private PipelineListener {
 public:
  explicit Monitor(Pipeline::ChooseEncoder chooseEncoder);
  ~Monitor() override;

  // Starts the camera at 320×180.
  void start(double fps, int width = 320, int height = 180);
  RecordingStarted startRecording(const std::string& path, int64_t maxDurationNs = 0);
  RecordingSummary stopRecording();
  void inject(const Fault& fault) { pipeline_->inject(fault); }
  void stop();
  // The pipeline's end, whatever it is doing.
  void destroy() { pipeline_.reset(); }

  Pipeline& pipeline() { return *pipeline_; }
  // Runs `task` on the control thread; the Error it throws is thrown here.
  template <class Task>
  auto control(Task task) {
    // Not by std::exception_ptr, whose count of references the thread sanitizer cannot see.
    struct Outcome {
      std::optional<std::invoke_result_t<Task>> result;
      std::string code, message, field;
    };
    std::promise<Outcome> promise;
    pipeline_->control().post([&] {
      Outcome outcome;
      try {
        outcome.result = task();
      } catch (const Error& error) {
        outcome = {
            .result = {}, .code = error.code(), .message = error.what(), .field = error.field()};
      }
      promise.set_value(std::move(outcome));
    });
    Outcome outcome = promise.get_future().get();
    if (!outcome.result) throw Error(outcome.code, outcome.message, outcome.field);
    return std::move(*outcome.result);
  }

  // Every frame that left the camera of the last Monitor, beside the pipeline.
  static FrameLog& camera();
  // How often that camera was started.
  static int cameraStarts();

  template <class Kind>
  std::vector<Kind> events() const {
    const std::lock_guard lock(mutex_);
    std::vector<Kind> found;
    for (const Event& event : events_) {
      if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }
  std::vector<PreviewMessage> previews() const;
  std::vector<LiveMessage> video() const;

 private:
  void onPreview(PreviewMessage message) noexcept override;
  void onVideo(LiveMessage message) noexcept override;
  void onEvent(Event event) noexcept override;

  mutable std::mutex mutex_;
  std::vector<Event> events_;
  std::vector<PreviewMessage> previews_;
  std::vector<LiveMessage> video_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace pimon
