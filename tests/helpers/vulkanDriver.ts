import { chooseVulkanDriver } from '../../src/cli/driver';

// Before any test file loads `webgpu`.
chooseVulkanDriver();
