package dev.respec.generation.engine;

/** A straight line through recent points by least squares; a point's weight halves in about 350 further ones. */
final class RecentLine {
    private static final double KEPT = 1 - 1.0 / 512;

    /** Points from which a slope means something. */
    private static final double FEWEST = 24;

    /** A value this many times the mean is taken for that: the machine did something else. */
    private static final double MOST_OVER_MEAN = 3;

    private double weight;
    private double meanX;
    private double meanY;
    private double squaresX;
    private double squaresY;
    private double products;

    void add(double x, double given) {
        double y = weight > FEWEST ? Math.min(given, MOST_OVER_MEAN * meanY) : given;
        double before = weight * KEPT;
        weight = before + 1;
        double dx = x - meanX;
        double dy = y - meanY;
        double share = before / weight;
        squaresX = squaresX * KEPT + dx * dx * share;
        squaresY = squaresY * KEPT + dy * dy * share;
        products = products * KEPT + dx * dy * share;
        meanX += dx / weight;
        meanY += dy / weight;
    }

    /**
     * What one more x surely costs: the slope less its standard error, at least 0, at most the mean y of a mean x. 0 before
     * enough points differ in x.
     */
    double surelyPerUnit() {
        if (weight < FEWEST || squaresX < 1e-6 * weight || meanX <= 0) {
            return 0;
        }
        double slope = products / squaresX;
        double unexplained = Math.max(0, squaresY - slope * products);
        double error = Math.sqrt(unexplained / (weight - 2) / squaresX);
        return Math.max(0, Math.min(slope - error, meanY / meanX));
    }
}
