/** Words of the diffusion page in both languages. */
export const text = {
  level: { en: 'Noise level', zh: '噪声水平' },
  samples: { en: 'Samples', zh: '采样' },
  forward: { en: 'Forward', zh: '加噪过程' },
  samplers: { en: 'Samplers', zh: '采样器对比' },
  edit: { en: 'Edit', zh: '编辑' },
  memory: { en: 'Memory', zh: '记忆' },
  space: { en: '3-D', zh: '三维' },
  draw: { en: 'Draw', zh: '绘制' },

  clean: { en: 'Held-out data', zh: '留出数据' },
  denoised: { en: 'One-step estimate D', zh: '一步估计 D' },
  exact: { en: 'Exact denoiser', zh: '精确去噪器' },
  moves: {
    en: 'Lines lead from each noised point, x as this framework scales it, to the network’s one-step estimate D.',
    zh: '线段从每个加噪点（按该框架缩放的 x）指向网络的一步估计 D。',
  },
  field: { en: 'Score: the network (teal) and the exact one (grey)', zh: '分数场：网络（青）与精确值（灰）' },
  fieldNote: {
    en: 'Arrows show directions, longer ones are cut; the shade is the density of the data at this noise level.',
    zh: '箭头表示方向，过长者截短；底色为该噪声水平下的数据密度。',
  },
  besides: { en: 'Beside it, with the same noise:', zh: '并列比较（同一噪声）：' },
  predicted: { en: 'what its network predicts', zh: '其网络的预测' },
  sameLevel: { en: 'One level, one noise, one network', zh: '同一水平、同一噪声、同一网络' },
  sameLevelNote: {
    en: 'The network is carried over by change of variables, so both make the same estimate D of x₀. What differs: how the state is scaled, what is predicted, hence how large its error is, and how much that error counts in training.',
    zh: '网络经变量代换移用，因此两者对 x₀ 的估计 D 相同。不同的是：状态如何缩放、预测什么（因而误差多大），以及该误差在训练中的权重。',
  },
  timeOf: { en: 'time t of this level', zh: '该水平的时间 t' },
  scaleOf: { en: 'scale s of the state', zh: '状态的缩放 s' },
  predicts: { en: 'the network predicts', zh: '网络预测' },
  predictionError: { en: 'root mean square error of that', zh: '该预测的均方根误差' },
  weightOf: { en: 'loss weight λ(σ)', zh: '损失权重 λ(σ)' },
  lossHere: { en: 'loss here, λ ‖D − x₀‖²', zh: '此处损失 λ ‖D − x₀‖²' },
  error: { en: 'Root mean square error of D', zh: 'D 的均方根误差' },
  lossOverNoise: { en: 'Error of D over noise levels', zh: '各噪声水平下 D 的误差' },
  sigmaAxis: { en: 'noise level σ', zh: '噪声水平 σ' },
  network: { en: 'network', zh: '网络' },
  exactShort: { en: 'exact', zh: '精确' },

  fresh: { en: 'Fresh samples', zh: '新样本' },
  scaledNote: {
    en: 'Noised points are drawn at the size of the data, so that the whole way fits the picture.',
    zh: '加噪的点按数据大小缩放绘制，使整条路径都在图中。',
  },
  watch: { en: 'Watch the way', zh: '观看过程' },
  stepOfSampler: { en: 'Step of the sampler', zh: '采样器步' },
  stepsOnAxis: { en: 'Noise levels of the sampler’s steps', zh: '采样各步的噪声水平' },
  evaluations: { en: 'network evaluations', zh: '次网络调用' },
  otherNoise: { en: 'Other noise', zh: '换噪声' },
  exactInstead: { en: 'exact denoiser instead of the network', zh: '用精确去噪器代替网络' },
  bend: { en: 'length of the paths over the straight line', zh: '路径长度与直线距离之比' },

  withoutGpu: { en: 'A trained network, to sample from', zh: '可供采样的已训练网络' },
  withoutGpuNote: {
    en: 'It runs on the processor, without WebGPU: change the sampler, its steps, the noise, and watch the way from noise to data. It cannot be trained here.',
    zh: '它在处理器上运行，无需 WebGPU：更换采样器、步数或噪声，观看从噪声到数据的过程。此处不能训练。',
  },
  classOfSamples: { en: 'Class', zh: '类别' },
  inTurn: { en: 'all in turn', zh: '依次' },
  noClass: { en: 'none', zh: '无' },

  film: { en: 'The same samples under ever more noise', zh: '同一批样本，噪声逐渐增强' },
  filmNote: {
    en: 's is the factor on the data as the schedule has it; SNR is 1/σ². Each frame is as wide as its points spread.',
    zh: 's 为时间表中数据的系数；SNR 为 1/σ²。每幅图的范围随点的散布而定。',
  },

  sameNoise: { en: 'One noise, several samplers', zh: '同一噪声，不同采样器' },
  sameNoiseNote: {
    en: 'Every sampler starts from the same noise; points are joined where two of them end.',
    zh: '各采样器从同一噪声出发；连线表示两者终点之差。',
  },
  quality: { en: 'Quality over network evaluations', zh: '质量随网络调用次数的变化' },
  fillChart: { en: 'Fill the chart', zh: '绘制曲线' },
  stop: { en: 'Stop', zh: '停止' },
  endError: { en: 'distance to where 128 Heun steps end', zh: '与 128 步 Heun 终点的距离' },
  energy: { en: 'energy distance to held-out data', zh: '与留出数据的能量距离' },
  nfe: { en: 'network evaluations', zh: '网络调用次数' },

  between: { en: 'From one noise to another', zh: '从一份噪声到另一份' },
  partly: { en: 'Noised up to σ and back', zh: '加噪至 σ 再返回' },
  before: { en: 'Before', zh: '之前' },
  after: { en: 'After', zh: '之后' },
  partlyNote: {
    en: 'Little noise changes little; much noise leaves nothing of the original. Move the noise level.',
    zh: '噪声小则变化小，噪声大则原图尽失。调节噪声水平看看。',
  },
  paint: { en: 'Press or draw what is to be painted anew', zh: '点按或涂画要重新生成的部分' },
  painted: { en: 'Four ways to fill it', zh: '四种填法' },

  drawn: { en: 'Fresh samples', zh: '新样本' },
  nearest: { en: 'Nearest training sample of each', zh: '各自最近的训练样本' },
  nearestNote: {
    en: 'Distances far below those of held-out data mean that the model remembers rather than invents.',
    zh: '若距离远小于留出数据的距离，说明模型在记忆而非创造。',
  },
  ofSamples: { en: 'median distance of samples', zh: '样本距离中位数' },
  ofHeldOut: { en: 'of held-out data', zh: '留出数据' },

  spaceNote: {
    en: 'Two axes are the plane, the third is noise: samples fall from the top (σ_max) to the data at the bottom. Drag to turn.',
    zh: '两轴为平面，第三轴为噪声：样本从顶部（σ_max）落到底部的数据。拖动旋转。',
  },

  measure: { en: 'Measure now', zh: '立即评估' },
  distances: { en: 'Distance to held-out data', zh: '与留出数据的距离' },
  slicedWasserstein: { en: 'sliced Wasserstein', zh: '切片 Wasserstein' },
  energyDistance: { en: 'energy distance', zh: '能量距离' },
  featureDistance: { en: 'of random features', zh: '随机特征' },
  learnedDistance: { en: 'of learned features', zh: '习得特征' },
  featuresNote: {
    en: 'Over features, the energy distance. Random: a fixed random convolution. Learned: tokens from the middle of the diffusion transformer that ships with this page (of fashion for grey images, of emoji for coloured ones), averaged over the patches. A network of its own kind, trained little: it orders runs, it is no FID.',
    zh: '特征上为能量距离。随机：固定的随机卷积。习得：本页自带的扩散 Transformer（灰度图用服饰模型，彩色图用表情模型）中间层的词元，对图块取平均。它与被测模型同类且训练不多：可用于比较各次运行，但不是 FID。',
  },
  heldOut: { en: 'Held-out loss', zh: '留出损失' },
  drawNote: {
    en: 'Draw lines; points gather along them. Each line starts a new run on what you drew.',
    zh: '画线，点会聚集在线上。每画一笔都会用新的图重新开始训练。',
  },
  wipe: { en: 'Wipe', zh: '清除' },
} as const;
