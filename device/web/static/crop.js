// A sample as it is seen: the part of its picture around it, with its box.

const MARK = "#2f8fff";

/** Draw onto the canvas what stands around box [x, y, width, height] of the image; sides: how many of the box's longer
 * sides are shown, across and down. */
export function drawCrop(canvas, image, [x, y, width, height], [across, down]) {
  const pen = canvas.getContext("2d");
  const longer = Math.max(width, height, 1);
  const scale = Math.min(canvas.width / (across * longer), canvas.height / (down * longer));
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = "#8a919a";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(scale, 0, 0, scale, canvas.width / 2 - scale * (x + width / 2), canvas.height / 2 - scale * (y + height / 2));
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0);
  pen.lineWidth = 2 / scale;
  pen.strokeStyle = MARK;
  pen.strokeRect(x - 1 / scale, y - 1 / scale, width + 2 / scale, height + 2 / scale);
}

const images = new Map();

/** The picture of a sample, fetched once. */
export function pictureOf(file) {
  if (!images.has(file)) {
    const image = new Image();
    image.src = `/api/samples/${encodeURIComponent(file)}/picture`;
    images.set(file, image.decode().then(() => image));
    images.get(file).catch(() => images.delete(file));
  }
  return images.get(file);
}
