/** Words in names of metrics whose low values are good, and whose high values are. */
const low = new Set(
  "loss losses error err mae mse rmse mape perplexity ppl nll bce ce kl fid wer cer latency eer lpips".split(
    " ",
  ),
);
const high = new Set(
  "acc accuracy auc auroc f1 precision recall iou miou map bleu rouge psnr ssim reward return score r2 dice top1 top5".split(
    " ",
  ),
);

/** Which values of a metric are good, judged by its name. The last known word counts: `accuracy_loss` is a loss. */
export function betterByName(name: string): "min" | "max" | undefined {
  const words = name
    .slice(-100)
    .replace(/([a-z0-9])(?=[A-Z])/g, "$1 ")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  for (const word of words.reverse()) {
    if (low.has(word)) return "min";
    if (high.has(word)) return "max";
  }
  return undefined;
}
