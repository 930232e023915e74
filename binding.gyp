# For those who call node-gyp: CMakeLists.txt is the build, cmake-js runs it (as `npm ci` does), and
# the addon appears in build/Release, where node-gyp would put its own.
{
  'targets': [
    {
      'target_name': 'pi_monitor_by_cmake',
      'type': 'none',
      'actions': [
        {
          'action_name': 'cmake_js',
          'message': 'CMakeLists.txt, by cmake-js',
          'inputs': ['CMakeLists.txt'],
          # Never made: CMake decides what is up to date.
          'outputs': ['<(PRODUCT_DIR)/always'],
          'action': ['node', '<(module_root_dir)/node_modules/.bin/cmake-js', 'compile',
                     '--directory', '<(module_root_dir)', '--out', '<(module_root_dir)/build/cmake'],
        },
      ],
    },
  ],
}
