// Command notifier is the Lambda function that merges alerts into mails for people.
package main

func main() {}
